/** Owns what a process answers that serves no members: how it is, and what it measures. */

import { type EdgeServices, edge } from "../edge.ts";
import { type PaymentServices, webhookRoutes } from "../payments/routes.ts";
import { Surface } from "../surface.ts";
import { type OpsServices, opsRoutes } from "./routes.ts";

/** With a desk it also hears what the sandbox beside has to say. */
export function createOpsApp(services: EdgeServices & OpsServices & { readonly desk?: PaymentServices["desk"] }) {
  const app = edge(services, new Surface()).use(opsRoutes(services));
  const { desk } = services;
  return desk === undefined ? app : app.use(webhookRoutes({ desk }));
}

/** Owns the composition of the HTTP API: every group of routes under one edge. It never listens: main.ts does, with serverOptions(). */

import type { AccountServices } from "./accounts/account-services.ts";
import { accountRoutes } from "./accounts/routes.ts";
import { type AdminServices, adminRoutes } from "./admin/routes.ts";
import { type BoardingPassServices, boardingPassRoutes } from "./boarding-pass/routes.ts";
import { type CatalogueServices, catalogueRoutes } from "./catalogue/routes.ts";
import { type EdgeServices, edge } from "./edge.ts";
import { type SeatServices, seatRoutes } from "./live/routes.ts";
import { asyncApiRoutes } from "./ops/asyncapi-routes.ts";
import { openApiRoutes } from "./ops/openapi-routes.ts";
import { type OpsServices, opsRoutes } from "./ops/routes.ts";
import { type PaymentServices, paymentRoutes, webhookRoutes } from "./payments/routes.ts";
import { type ReservationServices, reservationRoutes } from "./reservations/routes.ts";
import { type RoomAdminServices, roomAdminRoutes } from "./room/admin-routes.ts";
import { type RoomRouteServices, roomRoutes } from "./room/routes.ts";
import { sharedStatusRoutes } from "./room/shared-status.ts";
import { Surface } from "./surface.ts";
import { bundledAssets } from "./web/assets/bundle.ts";
import { operatorPageRoutes } from "./web/operator/routes.tsx";
import { type RoomPageServices, roomPageRoutes } from "./web/room/routes.ts";
import { type WebServices, webRoutes } from "./web/routes.ts";

/** All that the routes need of the rest of the program. */
export interface Services
  extends EdgeServices,
    OpsServices,
    AccountServices,
    CatalogueServices,
    SeatServices,
    ReservationServices,
    BoardingPassServices,
    PaymentServices,
    AdminServices,
    RoomRouteServices,
    RoomAdminServices,
    Omit<RoomPageServices, "pageAssets">,
    WebServices {}

/** Paths are written in full where their routes are. */
export function createApp(services: Services) {
  const surface = new Surface();
  const pageAssets = services.pageAssets ?? bundledAssets();
  const app = edge(services, surface, services.authentication)
    .use(opsRoutes(services))
    .use(openApiRoutes(surface))
    .use(asyncApiRoutes())
    .use(accountRoutes(services))
    .use(catalogueRoutes(services))
    .use(seatRoutes(services))
    .use(reservationRoutes(services))
    .use(boardingPassRoutes(services))
    .use(paymentRoutes(services))
    .use(webhookRoutes(services))
    .use(adminRoutes(services))
    .use(roomRoutes(services))
    .use(roomAdminRoutes(services))
    .use(roomPageRoutes({ ...services, pageAssets }))
    .use(operatorPageRoutes({ pageAssets }))
    .use(webRoutes({ ...services, pageAssets }));
  surface.describe(app);
  const routes = sharedStatusRoutes(services, (request) => app.fetch(request));
  app.config.serve = { ...app.config.serve, routes };
  return app;
}

/** The routes and their types, for the typed client. */
export type App = ReturnType<typeof createApp>;

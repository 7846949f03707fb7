/** Owns the typed client: every route of the API as a method, with the types of what it takes and answers. */

import { type Treaty, treaty } from "@elysia/eden";
import type { App } from "./app.ts";

export type Client = Treaty.Create<App>;

/**
 * @param origin where the server is, as `http://127.0.0.1:3000`
 * @example const { data, error } = await client(origin).api.v1.flights.get({ query: { origin: "GMP" } });
 */
export function client(origin: string, config: Treaty.Config = {}): Client {
  return treaty<App>(origin, config);
}

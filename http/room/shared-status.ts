/**
 * Owns the shortest way to a room's status. It is what the most people ask for at the worst moment, and the same for all of them: it is answered
 * by the server's own router, before anything else is looked at. What the route itself answers is the same, and whatever is unusual is left to it.
 */

import type { BunRequest } from "bun";
import type { EdgeServices } from "../edge.ts";
import { httpMetrics } from "../plugins/http-metrics.ts";
import { REQUEST_ID, requestIds } from "../plugins/request-id.ts";
import { securityHeaders } from "../plugins/security-headers.ts";
import type { RoomServices } from "./room-services.ts";

const PATH = "/api/v1/flights/:id/waiting-room";

/** The same for everybody, and as old as a second: any cache may have it. */
export const SHARED = "public, max-age=1";

/** Nothing of the request goes into an answer that others are given as well. */
const NO_FIELDS = new Headers();

type Serving = (request: Request) => Response | Promise<Response>;

export type SharedStatusServices = Pick<RoomServices, "waitingRooms" | "roomStatus"> &
  Pick<EdgeServices, "clock" | "entropy" | "telemetry" | "isHttps" | "readiness">;

/** Routes of Bun's server; they go before Elysia's. @param otherwise what serves all other requests */
export function sharedStatusRoutes(services: SharedStatusServices, otherwise: Serving) {
  const { waitingRooms, roomStatus, clock, entropy, telemetry, isHttps, readiness } = services;
  // Each answer copies them; made of a plain object anew they took half of the time that an answer takes [Bun 1.4.5].
  const fixed = new Headers({
    ...securityHeaders(isHttps),
    "content-type": "application/json",
    "cache-control": SHARED,
  });
  const idOf = requestIds(entropy);
  const metrics = httpMetrics(telemetry);

  const serve = (request: BunRequest<string>): Response | Promise<Response> => {
    const startedMs = clock.monotonicMs();
    const { id = "" }: { readonly id?: string } = request.params;
    // A query is refused, a flight without a room looked for, and who opens connections to a server that stops sent elsewhere.
    if (waitingRooms.rooms.get(id) === null || request.url.includes("?") || readiness.isStopping)
      return otherwise(request);
    const answer = new Response(roomStatus.textOf(id), { headers: fixed });
    answer.headers.set(REQUEST_ID, idOf(NO_FIELDS));
    const endedMs = clock.monotonicMs();
    metrics.ended({ method: "GET", route: PATH, status: 200, startedMs, endedMs, scope: null });
    return answer;
  };
  return { [PATH]: { GET: serve } };
}

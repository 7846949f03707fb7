/** Owns the public routes of a flight's seats: the map as it is, and the stream of what changes. They know nobody, so that caches may keep them. */

import { Elysia, type Static, t } from "elysia";
import { flightIdOf } from "../flight-id.ts";
import { documented } from "../plugins/documented.ts";
import { isFresh } from "../plugins/etag.ts";
import { noQuery } from "../plugins/fields.ts";
import { moneyAnswer } from "../reservations/schemas.ts";
import { EVENT_STREAM } from "./event.ts";
import type { SeatFeeds } from "./seat-feeds.ts";
import type { SeatMaps } from "./seat-maps.ts";

export interface SeatServices {
  readonly seatMaps: SeatMaps;
  readonly seatFeeds: SeatFeeds;
}

/** Stored by any cache, and asked for again each time: whoever holds a seat sees it held. */
const REVALIDATED = "public, no-cache";

const SEAT_VERSION = /^\d{1,15}$/;

const seatState = t.Unsafe<"free" | "held" | "sold" | "blocked">({
  type: "string",
  enum: ["free", "held", "sold", "blocked"],
});

const seatMapAnswer = t.Object({
  flightId: t.String(),
  version: t.Integer({ description: "Rises when the state of a seat changes." }),
  seats: t.Array(
    t.Object({
      seat: t.String({ examples: ["12A"] }),
      cabin: t.String(),
      price: moneyAnswer,
      state: seatState,
      features: t.Array(t.String({ description: "WINDOW, AISLE, MIDDLE, EXIT, FRONT…" })),
    }),
  ),
});

export function seatRoutes({ seatMaps, seatFeeds }: SeatServices) {
  return new Elysia({ normalize: false })
    .get(
      "/api/v1/flights/:id/seats",
      async ({ params, request, set, status }) => {
        const { json, etag } = await seatMaps.read(flightIdOf(params.id));
        set.headers.etag = etag;
        set.headers["cache-control"] = REVALIDATED;
        if (isFresh(request.headers.get("if-none-match"), etag)) return status(304, undefined);
        set.headers["content-type"] = "application/json";
        // Written out already; a typed client reads it as what it says.
        return json as unknown as Static<typeof seatMapAnswer>;
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Seats",
          who: "public",
          summary: "The seat map",
          description: "By a read that begins after the request came, so that whoever holds a seat sees it held.",
          requestHeaders: ["If-None-Match"],
          answers: {
            200: { description: "Every seat.", schema: seatMapAnswer, headers: ["ETag", "Cache-Control"] },
            304: { description: "The client has this answer already.", headers: ["ETag", "Cache-Control"] },
          },
          problems: ["FLIGHT_NOT_FOUND", "OVERLOADED", "UNAVAILABLE", "DEADLINE_EXCEEDED"],
        }),
      },
    )
    .get(
      "/api/v1/flights/:id/seats/stream",
      async ({ params, request, server }) => {
        const flightId = flightIdOf(params.id);
        const stream = await seatFeeds.open(flightId, versionIn(request.headers), request, server);
        return new Response(stream.body, { headers: EVENT_STREAM });
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Seats",
          who: "public",
          summary: "Seats as they change",
          description: [
            "Server-sent events, whose `id` is the seat version.",
            "`snapshot`: the seat map. It begins the stream, and comes again when the client missed something.",
            "`delta` `{from,to,changes:[{seat,state}]}`: applies to every version from `from` up to `to`.",
            "After an interruption `Last-Event-ID` goes on where it was. `ping` comes every 15 seconds, `bye` before the server ends the stream.",
          ].join("\n\n"),
          requestHeaders: ["Last-Event-ID"],
          answers: {
            200: { description: "A stream without an end.", schema: t.String(), mediaType: "text/event-stream" },
          },
          problems: ["FLIGHT_NOT_FOUND", "OVERLOADED", "NOT_READY", "UNAVAILABLE", "DEADLINE_EXCEEDED"],
        }),
      },
    );
}

/** The version that the client has heard last; null for a new one, and for an id that is none of ours. */
function versionIn(headers: Headers): number | null {
  const id = headers.get("last-event-id");
  return id !== null && SEAT_VERSION.test(id) ? Number(id) : null;
}

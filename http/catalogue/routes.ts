/** Owns the routes of the catalogue: airports, the search for flights, and one flight. */

import { Elysia, status } from "elysia";
import type { Clock } from "../../actors/clock.ts";
import type { WaitingRoom } from "../../queue/room/waiting-room.ts";
import { flightIdOf, flightNotFound } from "../flight-id.ts";
import { type DocumentedAnswer, documented } from "../plugins/documented.ts";
import { etagOf, isFresh } from "../plugins/etag.ts";
import { noQuery } from "../plugins/fields.ts";
import { invalidField } from "../plugins/invalid-field.ts";
import { pageQuery, pageRequest } from "../plugins/paging.ts";
import type { AnswerSet } from "../problem.ts";
import { type AirportLookup, ServedAirports } from "./airports.ts";
import type { CatalogueReader, FlightOrder } from "./catalogue-reader.ts";
import { flightView } from "./flight-view.ts";
import { airportsAnswer, flightAnswer, flightQuery, flightsAnswer } from "./schemas.ts";

export interface CatalogueServices {
  readonly clock: Clock;
  readonly catalogue: CatalogueReader;
  readonly airportOf: AirportLookup;
  readonly waitingRoom: WaitingRoom;
}

const CONDITIONAL = { requestHeaders: ["If-None-Match"], headers: ["ETag", "Cache-Control"] } as const;
const UNCHANGED: DocumentedAnswer = {
  description: "The client has this answer already.",
  headers: ["ETag", "Cache-Control"],
};

export function catalogueRoutes({ clock, catalogue, airportOf, waitingRoom }: CatalogueServices) {
  const airports = new ServedAirports(catalogue, airportOf, clock);

  return new Elysia({ normalize: false })
    .get(
      "/api/v1/airports",
      async ({ query, request, set }) => {
        const { page, size } = pageRequest(query);
        const all = await airports.list();
        const items = all.slice((page - 1) * size, page * size);
        return unlessFresh({ items, page, size, total: all.length }, request.headers, set);
      },
      {
        query: pageQuery,
        detail: documented({
          tag: "Flights",
          who: "public",
          summary: "Airports that flights begin or end at, by code",
          requestHeaders: CONDITIONAL.requestHeaders,
          answers: {
            200: { description: "Airports.", schema: airportsAnswer, headers: CONDITIONAL.headers },
            304: UNCHANGED,
          },
        }),
      },
    )
    .get(
      "/api/v1/flights",
      async ({ query, request, set }) => {
        const { origin, destination, from, to, sort } = query;
        if (from !== undefined && to !== undefined && to < from) throw invalidField("to", "is before `from`");
        const page = pageRequest(query);
        const filter = {
          ...(origin === undefined ? {} : { origin }),
          ...(destination === undefined ? {} : { destination }),
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        };
        const { items, total } = await catalogue.flights(filter, orderOf(sort), page);
        const nowMs = clock.nowMs();
        const views = items.map((flight) => flightView(flight, waitingRoom, nowMs));
        return unlessFresh({ items: views, ...page, total }, request.headers, set);
      },
      {
        query: flightQuery,
        detail: documented({
          tag: "Flights",
          who: "public",
          summary: "Search flights",
          description:
            "By route and local dates of departure, both inclusive. `free` lags behind the seat map by a commit.",
          requestHeaders: CONDITIONAL.requestHeaders,
          answers: {
            200: { description: "Flights.", schema: flightsAnswer, headers: CONDITIONAL.headers },
            304: UNCHANGED,
          },
        }),
      },
    )
    .get(
      "/api/v1/flights/:id",
      async ({ params, request, set }) => {
        const flight = await catalogue.flight(flightIdOf(params.id));
        if (flight === null) throw flightNotFound();
        return unlessFresh(flightView(flight, waitingRoom, clock.nowMs()), request.headers, set);
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Flights",
          who: "public",
          summary: "A flight",
          requestHeaders: CONDITIONAL.requestHeaders,
          answers: {
            200: { description: "The flight.", schema: flightAnswer, headers: CONDITIONAL.headers },
            304: UNCHANGED,
          },
          problems: ["FLIGHT_NOT_FOUND"],
        }),
      },
    );
}

function orderOf(sort = "departsAt"): FlightOrder {
  const descending = sort.startsWith("-");
  return { by: (descending ? sort.slice(1) : sort) as FlightOrder["by"], descending };
}

/** The answer under its entity tag, or 304 if that is what the client has. Caches may keep it, and ask each time. */
function unlessFresh<Body extends object>(body: Body, headers: Headers, set: AnswerSet) {
  const etag = etagOf(JSON.stringify(body));
  set.headers.etag = etag;
  set.headers["cache-control"] = "no-cache";
  return isFresh(headers.get("if-none-match"), etag) ? status(304) : body;
}

/** Owns the routes of operators: a new flight, a flight's journal, and the hosts. */

import { Elysia, t } from "elysia";
import { present } from "../../actors/assert.ts";
import type { Clock } from "../../actors/clock.ts";
import type { WaitingRoom } from "../../queue/room/waiting-room.ts";
import type { CatalogueReader } from "../catalogue/catalogue-reader.ts";
import { flightView } from "../catalogue/flight-view.ts";
import { flightAnswer } from "../catalogue/schemas.ts";
import { flightIdOf, flightNotFound } from "../flight-id.ts";
import type { Authentication } from "../plugins/authentication.ts";
import { documented } from "../plugins/documented.ts";
import { closed, jsonBody, noQuery } from "../plugins/fields.ts";
import { pageAnswer, pageFields, pageQuery, pageRequest } from "../plugins/paging.ts";
import { Problem } from "../problem.ts";
import { isoTime } from "../reservations/answers.ts";
import type { AdminReader, StoredHost } from "./admin-reader.ts";
import type { FlightPublisher } from "./flight-publisher.ts";
import { journalEntryView } from "./journal-view.ts";
import { type LogServices, logRoutes } from "./log-routes.ts";
import { newFlightBody, plannedFlight } from "./planned-flight.ts";
import { type StageServices, stageRoutes } from "./stage-routes.ts";

export interface AdminServices extends StageServices, LogServices {
  readonly authentication: Authentication;
  readonly admin: AdminReader;
  readonly catalogue: CatalogueReader;
  readonly publisher: FlightPublisher;
  readonly waitingRoom: WaitingRoom;
  readonly clock: Clock;
}

const journalQuery = closed({
  after: t.Optional(
    t.String({ pattern: "^\\d{1,15}$", description: "The version after which to begin; 0 by default." }),
  ),
  size: pageFields.size,
});

/** ECMA-262 §21.4.1.1: no date is later. */
const LATEST_DATE_MS = 8_640_000_000_000_000;

const timestamp = t.String({ format: "date-time" });

const journalAnswer = t.Object({
  items: t.Array(
    t.Object({
      version: t.Integer(),
      batch: t.String(),
      at: timestamp,
      schema: t.Integer(),
      turns: t.Array(
        t.Object({
          at: timestamp,
          events: t.Array(t.Object({ type: t.String() }, { additionalProperties: true })),
          answered: t.Nullable(
            t.Object({ op: t.String(), outcome: t.String({ description: "OK, or the refusal's code." }) }),
          ),
        }),
      ),
    }),
  ),
  size: t.Integer(),
  next: t.Nullable(t.Integer({ description: "What to send as `after` for what follows; null at the end." })),
});

const hostAnswer = t.Object({
  incarnation: t.String(),
  hostId: t.String(),
  weight: t.Integer(),
  expiresAt: t.Nullable(
    t.String({ format: "date-time", description: "End of its lease; null where a lock stands for it." }),
  ),
  busOkAt: timestamp,
  fenced: t.Boolean(),
  minReader: t.Integer(),
  shards: t.Integer({ description: "How many it owns." }),
});

const shardAnswer = t.Object({
  shard: t.Integer(),
  epoch: t.Integer({ description: "Rises with each owner." }),
  owner: t.Nullable(t.String({ description: "The host's incarnation; null while nobody owns it." })),
});

export function adminRoutes(services: AdminServices) {
  const { authentication, admin, catalogue, publisher, waitingRoom, clock } = services;

  return new Elysia({ normalize: false })
    .post(
      "/api/v1/admin/flights",
      async ({ body, request, set, status }) => {
        await authentication.adminOf(request);
        const planned = plannedFlight(body, clock.nowMs());
        const { added } = await publisher.publish([planned]);
        if (added === 0) throw new Problem(409, "FLIGHT_EXISTS", `There is a flight ${planned.id} already.`);
        const flight = present(await catalogue.flight(planned.id), `flight ${planned.id}, which was just added`);
        set.headers.location = `/api/v1/flights/${planned.id}`;
        return status(201, flightView(flight, waitingRoom, clock.nowMs()));
      },
      {
        ...jsonBody(newFlightBody),
        query: noQuery,
        detail: documented({
          tag: "Admin",
          who: "admin",
          summary: "Add a flight",
          description: "Its seats follow from the aircraft type and the cabins. A flight that is there is not changed.",
          answers: { 201: { description: "The flight.", schema: flightAnswer, headers: ["Location"] } },
          problems: ["VALIDATION", "FLIGHT_EXISTS"],
        }),
      },
    )
    .get(
      "/api/v1/admin/flights/:id/journal",
      async ({ params, query, request }) => {
        await authentication.adminOf(request);
        const { size } = pageRequest(query);
        const entries = await admin.journal(flightIdOf(params.id), Number(query.after ?? 0), size);
        if (entries === null) throw flightNotFound();
        const last = entries.length === size ? entries.at(-1) : undefined;
        return { items: entries.map(journalEntryView), size, next: last?.version ?? null };
      },
      {
        query: journalQuery,
        detail: documented({
          tag: "Admin",
          who: "admin",
          summary: "A flight's journal",
          description:
            "What happened, batch by batch, and what was answered. No names, no keys, no checkout addresses.",
          answers: { 200: { description: "In order of version.", schema: journalAnswer } },
          problems: ["FLIGHT_NOT_FOUND"],
        }),
      },
    )
    .get(
      "/api/v1/admin/hosts",
      async ({ query, request }) => {
        await authentication.adminOf(request);
        const page = pageRequest(query);
        const { items, total } = await admin.hosts(page);
        return { items: items.map(hostView), ...page, total };
      },
      {
        query: pageQuery,
        detail: documented({
          tag: "Admin",
          who: "admin",
          summary: "The hosts, and how many shards each owns",
          answers: { 200: { description: "The longest-living leases first.", schema: pageAnswer(hostAnswer) } },
        }),
      },
    )
    .get(
      "/api/v1/admin/shards",
      async ({ request }) => {
        await authentication.adminOf(request);
        return { items: [...(await admin.shards())] };
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Admin",
          who: "admin",
          summary: "Who owns which shard",
          answers: {
            200: { description: "Every shard, in order.", schema: t.Object({ items: t.Array(shardAnswer) }) },
          },
        }),
      },
    )
    .use(logRoutes(services))
    .use(stageRoutes(services));
}

function hostView({ expiresAtMs, busOkAtMs, isFenced, ...host }: StoredHost) {
  return {
    ...host,
    expiresAt: expiresAtMs > LATEST_DATE_MS ? null : isoTime(expiresAtMs),
    busOkAt: isoTime(busOkAtMs),
    fenced: isFenced,
  };
}

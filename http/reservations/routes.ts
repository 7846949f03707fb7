/** Owns the routes of reservations and tickets: hold, look, give up. */

import { Elysia } from "elysia";
import { assert } from "../../actors/assert.ts";
import type { FlightClient } from "../../actors/client.ts";
import type { Clock } from "../../actors/clock.ts";
import type { WaitingRoom } from "../../queue/room/waiting-room.ts";
import { flightIdOf } from "../flight-id.ts";
import type { Authentication } from "../plugins/authentication.ts";
import { documented } from "../plugins/documented.ts";
import { jsonBody, noQuery } from "../plugins/fields.ts";
import { fingerprint, IDEMPOTENCY_REPLAYED, idempotencyKeyOf } from "../plugins/idempotency.ts";
import { pageAnswer, pageQuery, pageRequest } from "../plugins/paging.ts";
import { scopeOf } from "../plugins/request-scope.ts";
import { refuse } from "../problem.ts";
import { Admission } from "./admission.ts";
import { heldView, reservationView } from "./answers.ts";
import { holdArgs } from "./hold-args.ts";
import { hasEnded, myReservation, releasedOf } from "./my-reservation.ts";
import type { PersonOf } from "./person.ts";
import type { ReservationReader } from "./reservation-reader.ts";
import { heldAnswer, holdBody, reservationAnswer, ticketAnswer } from "./schemas.ts";

export interface ReservationServices {
  readonly flights: FlightClient;
  readonly reservations: ReservationReader;
  readonly waitingRoom: WaitingRoom;
  readonly authentication: Authentication;
  readonly personOf: PersonOf;
  readonly clock: Clock;
}

export function reservationRoutes(services: ReservationServices) {
  const { flights, reservations, authentication, personOf, clock } = services;
  const admission = new Admission(services.waitingRoom, clock);

  return new Elysia({ normalize: false })
    .post(
      "/api/v1/flights/:id/reservations",
      async ({ params, body, request, set, status }) => {
        const asked = authentication.memberOf(request);
        const { id: member } = asked instanceof Promise ? await asked : asked;
        const flightId = flightIdOf(params.id);
        const key = idempotencyKeyOf(request.headers);
        const args = holdArgs(body, clock.nowMs(), personOf);
        const refusal = admission.refusalOf(flightId, member, request.headers.get("admission-pass"));
        if (refusal !== null) await admission.lookUp(flightId, member, refusal);

        const hold = {
          flightId,
          op: "hold" as const,
          args,
          member,
          key,
          fingerprint: fingerprint("POST", `/flights/${flightId}/reservations`, body),
          // Whoever has no pass may still be told what the same key was answered.
          ...(refusal === null ? {} : { replayOnly: true as const }),
        };
        const { reply, isReplay } = await flights.call(hold, scopeOf(request));
        if (isReplay) set.headers[IDEMPOTENCY_REPLAYED] = "true";
        if (refusal !== null && !reply.ok && reply.rejection.code === "ADMISSION_REQUIRED") throw refusal;
        if (!reply.ok) return refuse(set, reply.rejection);
        const { result } = reply;
        assert(result.kind === "reservation", "a hold makes a reservation");
        set.headers.location = `/api/v1/reservations/${result.reservation.id}`;
        return status(201, heldView(result.reservation, args.passengers));
      },
      {
        ...jsonBody(holdBody),
        query: noQuery,
        detail: documented({
          tag: "Reservations",
          who: "member",
          summary: "Hold seats",
          description:
            "All seats or none, for a limited time. A passenger who names no seat is given one. Of `prefer`, `cabin` says where from, " +
            "and `together` that nobody wants to sit apart.",
          requestHeaders: ["Idempotency-Key", "Admission-Pass"],
          answers: {
            201: {
              description: "The reservation, HELD.",
              schema: heldAnswer,
              headers: ["Location", "Idempotency-Replayed"],
            },
          },
          problems: [
            "VALIDATION",
            "FLIGHT_NOT_FOUND",
            "SEAT_TAKEN",
            "SOLD_OUT",
            "SEAT_NOT_FOUND",
            "SEAT_NOT_ALLOWED",
            "LIMIT_EXCEEDED",
            "FLIGHT_DEPARTED",
            "ADMISSION_REQUIRED",
            "IDEMPOTENCY_KEY_REUSED",
            "TOO_MANY_KEYS",
            "OVERLOADED",
            "UNAVAILABLE",
            "DEADLINE_EXCEEDED",
          ],
        }),
      },
    )
    .get(
      "/api/v1/reservations",
      async ({ query, request }) => {
        const { id: member } = await authentication.memberOf(request);
        const page = pageRequest(query);
        const { items, total } = await reservations.ofMember(member, page);
        return { items: items.map(reservationView), ...page, total };
      },
      {
        query: pageQuery,
        detail: documented({
          tag: "Reservations",
          who: "member",
          summary: "My reservations",
          answers: { 200: { description: "Newest first.", schema: pageAnswer(reservationAnswer) } },
        }),
      },
    )
    .get(
      "/api/v1/reservations/:id",
      async ({ params, request }) => {
        const { id: member } = await authentication.memberOf(request);
        return reservationView(await myReservation(reservations, member, params.id));
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Reservations",
          who: "member",
          summary: "One of my reservations",
          answers: { 200: { description: "The reservation as it is now.", schema: reservationAnswer } },
          problems: ["RESERVATION_NOT_FOUND"],
        }),
      },
    )
    .delete(
      "/api/v1/reservations/:id",
      async ({ params, request, set, status }) => {
        const { id: member } = await authentication.memberOf(request);
        const stored = await myReservation(reservations, member, params.id);
        // A flight forgets what ended without a payment: the row says all there is.
        if (hasEnded(stored)) return reservationView(stored);

        const cancel = {
          flightId: stored.flightId,
          op: "cancel" as const,
          args: { reservationId: stored.id },
          member,
          // To cancel is idempotent by itself: a repeat finds what is cancelled already.
          key: null,
          fingerprint: "",
        };
        const { reply } = await flights.call(cancel, scopeOf(request));
        if (!reply.ok && reply.rejection.code !== "RESERVATION_NOT_FOUND") return refuse(set, reply.rejection);
        const cancelled = releasedOf(stored, reply) ?? (await myReservation(reservations, member, params.id));
        assert(reply.ok || hasEnded(cancelled), `flight ${stored.flightId} knows reservation ${stored.id}`);
        return status(cancelled.status === "CANCELLING" ? 202 : 200, reservationView(cancelled));
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Reservations",
          who: "member",
          summary: "Give a reservation up",
          description:
            "A hold is released. A ticketed reservation is cancelled, and its money goes back. While a payment is open it is cancelled at " +
            "the provider first. What has ended stays as it is.",
          answers: {
            200: { description: "The reservation as it is now.", schema: reservationAnswer },
            202: { description: "CANCELLING: the open payment is being cancelled.", schema: reservationAnswer },
          },
          problems: [
            "RESERVATION_NOT_FOUND",
            "FLIGHT_DEPARTED",
            "TOO_MANY_KEYS",
            "OVERLOADED",
            "UNAVAILABLE",
            "DEADLINE_EXCEEDED",
          ],
        }),
      },
    )
    .get(
      "/api/v1/tickets",
      async ({ query, request }) => {
        const { id: member } = await authentication.memberOf(request);
        const page = pageRequest(query);
        const { items, total } = await reservations.ticketsOf(member, page);
        return { items, ...page, total };
      },
      {
        query: pageQuery,
        detail: documented({
          tag: "Tickets",
          who: "member",
          summary: "My tickets",
          answers: { 200: { description: "Those of the newest reservation first.", schema: pageAnswer(ticketAnswer) } },
        }),
      },
    );
}

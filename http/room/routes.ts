/** Owns the routes of a flight's waiting room: its status for everybody, a member's place and pass, and the proof of the order. */

import { Elysia, type Static, t } from "elysia";
import { assert } from "../../actors/assert.ts";
import type { Clock } from "../../actors/clock.ts";
import type { MemberId } from "../../actors/domain/ids.ts";
import { OperationalError } from "../../actors/errors.ts";
import { DRAW_FILE_TYPE } from "../../queue/room/draw/draw-file.ts";
import { KnownRoom } from "../../queue/room/known-room.ts";
import type { NotYet, Shut } from "../../queue/room/room-door.ts";
import type { AccountServices } from "../accounts/account-services.ts";
import type { CatalogueReader } from "../catalogue/catalogue-reader.ts";
import { flightIdOf } from "../flight-id.ts";
import { EVENT_STREAM } from "../live/event.ts";
import { documented } from "../plugins/documented.ts";
import { jsonBody, noQuery } from "../plugins/fields.ts";
import { optionalJsonBody } from "../plugins/optional-body.ts";
import { Problem } from "../problem.ts";
import { isoTime } from "../reservations/answers.ts";
import { drawFileOf, proofOf } from "./proofs.ts";
import type { RoomServices } from "./room-services.ts";
import { joinBody, passAnswer, passBody, placeAnswer, proofAnswer, proofQuery, statusAnswer } from "./schemas.ts";
import { SHARED } from "./shared-status.ts";
import { SoldFlights } from "./sold-flights.ts";

export interface RoomRouteServices
  extends RoomServices,
    Pick<AccountServices, "accounts" | "authentication" | "clientAddress"> {
  readonly catalogue: CatalogueReader;
  readonly clock: Clock;
}

export function roomRoutes(services: RoomRouteServices) {
  const { waitingRooms, roomStatus, roomFeeds, joinLimits, accounts, authentication, clientAddress, clock } = services;
  const flights = new SoldFlights(services.catalogue);

  /** @throws Problem 403 FORBIDDEN, WORK_REQUIRED */
  async function checkJoiner(known: KnownRoom, member: MemberId, proof: string | null): Promise<void> {
    const { registeredBeforeMs } = known.room.settings;
    if (registeredBeforeMs !== null) {
      const registered = await accounts.member(member);
      if (registered === null || registered.createdAtMs >= registeredBeforeMs) {
        const detail = `This sale is for accounts that were made before ${isoTime(registeredBeforeMs)}.`;
        throw new Problem(403, "FORBIDDEN", detail, { reason: "registered-later" });
      }
    }
    if (known.workBits === 0) return;
    const scope = { ...known.id, member };
    const check = proof === null ? "missing" : waitingRooms.work.check(scope, proof);
    if (check === "ok") return;
    throw new Problem(
      403,
      "WORK_REQUIRED",
      "So many people are joining that your computer has to do some work first.",
      {
        reason: check,
        bits: known.workBits,
        challenge: waitingRooms.work.challenge(scope, known.workBits),
      },
    );
  }

  return new Elysia({ normalize: false })
    .post(
      "/api/v1/flights/:id/waiting-room/tickets",
      async ({ params, body, request, server, status }) => {
        const asked = authentication.memberOf(request);
        const { id: member } = asked instanceof Promise ? await asked : asked;
        const flightId = flightIdOf(params.id);
        joinLimits.check(flightId, member, () => clientAddress(request, server));
        if (waitingRooms.rooms.get(flightId) === null) await flights.check(flightId);
        const ticket = body.ticket ?? null;
        const known = await reached(waitingRooms.door.roomOf(flightId, ticket));
        if (!(known instanceof KnownRoom)) throw shut(known);
        // Whoever comes back with a ticket has joined already, unless its place is over.
        let joining = ticket === null ? null : await reached(waitingRooms.door.join(flightId, member, ticket));
        if (joining === null || joining.kind === "over") {
          if (known.workBits > 0 || known.room.settings.registeredBeforeMs !== null)
            await checkJoiner(known, member, body.proofOfWork ?? null);
          joining = await reached(waitingRooms.door.join(flightId, member, null));
        }
        assert(joining.kind !== "over", "without a ticket no place is over");
        if (joining.kind === "bad-ticket") throw badTicket();
        if (joining.kind !== "place") throw shut(joining);
        const { kind, isNew, ...place } = joining;
        return status(isNew ? 201 : 200, place);
      },
      {
        ...optionalJsonBody(joinBody),
        query: noQuery,
        detail: documented({
          tag: "Waiting room",
          who: "member",
          summary: "Join the line",
          description:
            "One place a member, the same in every tab and on every device. Before the opening the order of those who joined is drawn; after " +
            "it the first comes first. `ticket` is one that the member has from before: with it a place is kept that the room has lost.",
          answers: {
            201: { description: "A new place.", schema: placeAnswer },
            200: { description: "The place that the member has.", schema: placeAnswer },
          },
          problems: [
            "FLIGHT_NOT_FOUND",
            "ROOM_OFF",
            "SALE_CLOSED",
            "BAD_TICKET",
            "FORBIDDEN",
            "WORK_REQUIRED",
            "TOO_MANY_REQUESTS",
            "OVERLOADED",
            "ROOM_UNAVAILABLE",
          ],
        }),
      },
    )
    .get(
      "/api/v1/flights/:id/waiting-room",
      // Not async: what is read most waits for nothing, as measured.
      ({ params, set }) => {
        const flightId = flightIdOf(params.id);
        set.headers["cache-control"] = SHARED;
        set.headers["content-type"] = "application/json";
        // Written out already; a typed client reads it as what it says.
        const text = () => roomStatus.textOf(flightId) as unknown as Static<typeof statusAnswer>;
        return waitingRooms.rooms.get(flightId) === null ? flights.check(flightId).then(text) : text();
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Waiting room",
          who: "public",
          summary: "How the line is",
          description:
            "The same small answer for everybody, made once a second: one's own position is place − admitted.",
          answers: { 200: { description: "The status.", schema: statusAnswer, headers: ["Cache-Control"] } },
          problems: ["FLIGHT_NOT_FOUND"],
        }),
      },
    )
    .get(
      "/api/v1/flights/:id/waiting-room/stream",
      async ({ params, request, server }) => {
        const flightId = flightIdOf(params.id);
        if (waitingRooms.rooms.get(flightId) === null) await flights.check(flightId);
        return new Response(roomFeeds.open(flightId, request, server).body, { headers: EVENT_STREAM });
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Waiting room",
          who: "public",
          summary: "The line as it moves",
          description:
            "Server-sent events: `status`, as the room's status has it, at the beginning and when it has changed, at most once a second. " +
            "`ping` comes every 15 seconds, `bye` before the server ends the stream.",
          answers: {
            200: {
              description: "A stream without an end.",
              schema: t.String(),
              mediaType: "text/event-stream",
            },
          },
          problems: ["FLIGHT_NOT_FOUND", "OVERLOADED", "NOT_READY"],
        }),
      },
    )
    .post(
      "/api/v1/flights/:id/waiting-room/passes",
      async ({ params, body, request, status }) => {
        const asked = authentication.memberOf(request);
        const { id: member } = asked instanceof Promise ? await asked : asked;
        const flightId = flightIdOf(params.id);
        if (waitingRooms.rooms.get(flightId) === null) await flights.check(flightId);
        const entering = await reached(waitingRooms.door.enter(flightId, member, body.ticket));
        switch (entering.kind) {
          case "pass":
            return status(entering.isNew ? 201 : 200, {
              pass: entering.pass,
              expiresAt: isoTime(entering.expiresAtMs),
            });
          case "not-yet":
            throw notYet(entering);
          case "over":
            throw new Problem(409, "PLACE_EXPIRED", "The place was used, or nobody came for it in time. Join again.");
          case "bad-ticket":
            throw badTicket();
          default:
            throw shut(entering);
        }
      },
      {
        ...jsonBody(passBody),
        query: noQuery,
        detail: documented({
          tag: "Waiting room",
          who: "member",
          summary: "Ask at the door",
          description: "A pass once the place is reached, and the same one again while it is valid.",
          answers: {
            201: { description: "A pass.", schema: passAnswer },
            200: { description: "The pass that the member has.", schema: passAnswer },
          },
          problems: [
            "FLIGHT_NOT_FOUND",
            "NOT_YET",
            "PLACE_EXPIRED",
            "BAD_TICKET",
            "ROOM_OFF",
            "SALE_CLOSED",
            "OVERLOADED",
            "ROOM_UNAVAILABLE",
          ],
        }),
      },
    )
    .get(
      "/api/v1/flights/:id/waiting-room/proof",
      async ({ params, query }) => {
        const flightId = flightIdOf(params.id);
        if (waitingRooms.rooms.get(flightId) === null) await flights.check(flightId);
        const seq = query.seq === undefined ? null : Number(query.seq);
        return await proofOf(waitingRooms, flightId, seq, clock.nowMs());
      },
      {
        query: proofQuery,
        detail: documented({
          tag: "Waiting room",
          who: "public",
          summary: "The proof of the order",
          description:
            "All that anyone needs to work out the ranks of those who joined before the opening; with `seq`, one place's as well.",
          answers: { 200: { description: "The proof.", schema: proofAnswer, headers: ["Cache-Control"] } },
          problems: ["FLIGHT_NOT_FOUND", "ROOM_OFF", "NOT_OPEN_YET", "VALIDATION"],
        }),
      },
    )
    .get(
      "/api/v1/flights/:id/waiting-room/draw",
      async ({ params }) => {
        const flightId = flightIdOf(params.id);
        if (waitingRooms.rooms.get(flightId) === null) await flights.check(flightId);
        const lines = drawFileOf(waitingRooms, flightId, clock.nowMs());
        return new Response(lines, {
          headers: { "content-type": DRAW_FILE_TYPE, "cache-control": "public, max-age=60" },
        });
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Waiting room",
          who: "public",
          summary: "The whole draw, as a file",
          description: "Every public fact and one line for each place: `bun main.ts verify-draw FILE` checks it.",
          answers: {
            200: { description: "The file.", schema: t.String(), mediaType: "text/plain" },
          },
          problems: ["FLIGHT_NOT_FOUND", "ROOM_OFF", "NOT_OPEN_YET"],
        }),
      },
    );
}

/** What the store or the database can't do now is the room's trouble, whichever of them it is. @throws Problem 503 ROOM_UNAVAILABLE */
async function reached<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof OperationalError && error.code !== "UNAVAILABLE") throw error;
    throw new Problem(
      503,
      "ROOM_UNAVAILABLE",
      "The waiting room is out of reach for now. Places are kept.",
      {},
      { "retry-after": "2" },
    );
  }
}

function badTicket(): Problem {
  return new Problem(401, "BAD_TICKET", "This ticket is not one of yours for this waiting room. Join again.");
}

function shut({ kind }: Shut): Problem {
  return kind === "off"
    ? new Problem(409, "ROOM_OFF", "The flight has no waiting room now: reserve.")
    : new Problem(409, "SALE_CLOSED", "The sale is closed.");
}

function notYet({ reason, position, estimate, pollAfterMs, seatsLeft }: NotYet): Problem {
  const words =
    reason === "AT_DOOR" ? "You are at the door; wait for the next place inside." : "It is not your turn yet.";
  return new Problem(409, "NOT_YET", words, {
    reason,
    ...(position === null ? {} : { position }),
    ...(estimate === null ? {} : { etaSeconds: estimate }),
    seatsLeft,
    pollAfterMs,
    retryable: true,
  });
}

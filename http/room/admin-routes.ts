/** Owns the routes by which operators run waiting rooms: turn them on and off, set them, and read how they were paced. */

import { Elysia } from "elysia";
import type { Clock } from "../../actors/clock.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import { CALENDAR_DATE } from "../../actors/text-forms.ts";
import type { KnownRoom } from "../../queue/room/known-room.ts";
import { type Room, type RoomChange, seedHashText, stateOf } from "../../queue/room/room.ts";
import { ROOM_JOURNAL_MAX } from "../../queue/room/room-store.ts";
import type { CatalogueReader } from "../catalogue/catalogue-reader.ts";
import { flightIdOf, flightNotFound } from "../flight-id.ts";
import type { Authentication } from "../plugins/authentication.ts";
import { documented } from "../plugins/documented.ts";
import { jsonBody, noQuery } from "../plugins/fields.ts";
import { invalidField } from "../plugins/invalid-field.ts";
import { Problem } from "../problem.ts";
import { isoTime } from "../reservations/answers.ts";
import type { RoomServices } from "./room-services.ts";
import { roomAnswer, roomBody, roomJournalAnswer } from "./schemas.ts";

export interface RoomAdminServices extends RoomServices {
  readonly authentication: Authentication;
  readonly catalogue: CatalogueReader;
  readonly clock: Clock;
}

/** The format `date-time` takes a bare day, and 30 February, of which the runtime makes 2 March [Elysia 1.4.30]. */
const CALENDAR_DAY = new RegExp(CALENDAR_DATE);

/** What follows the day in a time of RFC 3339: to the second at least, and with its offset. */
const TIME_OF_DAY = /^T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

/** A sale that opens in more than a year is a mistake. */
const OPENS_AHEAD_MS_MAX = 366 * 86_400_000;

export function roomAdminRoutes({ authentication, catalogue, clock, waitingRooms }: RoomAdminServices) {
  async function known(flightId: FlightId): Promise<KnownRoom> {
    const room = waitingRooms.rooms.get(flightId) ?? (await waitingRooms.rooms.reload(flightId));
    if (room !== null) return room;
    if ((await catalogue.flight(flightId)) === null) throw flightNotFound();
    throw new Problem(409, "ROOM_OFF", "The flight never had a waiting room.");
  }

  return new Elysia({ normalize: false })
    .put(
      "/api/v1/admin/flights/:id/waiting-room",
      async ({ params, body, request }) => {
        await authentication.adminOf(request);
        const flightId = flightIdOf(params.id);
        if ((await catalogue.flight(flightId)) === null) throw flightNotFound();
        const changing = await waitingRooms.operator.change(flightId, changeOf(body, clock.nowMs()));
        if (!changing.ok) throw invalidField(changing.field, changing.why);
        return roomView(changing.room, waitingRooms.rooms.get(flightId), clock.nowMs());
      },
      {
        ...jsonBody(roomBody),
        query: noQuery,
        detail: documented({
          tag: "Admin",
          who: "admin",
          summary: "Turn a waiting room on and off, and set it",
          description:
            "What is left out stays as it is. Turned on after `off` or `closed` it begins a new epoch, in which no old ticket or pass " +
            "counts; with `opensAt` people gather before that time, and their order is drawn. It holds on every edge within a moment.",
          answers: { 200: { description: "The room.", schema: roomAnswer } },
          problems: ["VALIDATION", "FLIGHT_NOT_FOUND"],
        }),
      },
    )
    .get(
      "/api/v1/admin/flights/:id/waiting-room",
      async ({ params, request }) => {
        await authentication.adminOf(request);
        const room = await known(flightIdOf(params.id));
        const journal = await waitingRooms.operator.journal(room.id.flightId, ROOM_JOURNAL_MAX);
        const { glance, joined, admitted } = room;
        return {
          room: roomView(room.room, room, clock.nowMs()),
          journal: journal as { at: string; reason: string; called: number }[],
          active: glance?.active ?? 0,
          atDoor: glance?.atDoor ?? 0,
          joined,
          admitted,
        };
      },
      {
        query: noQuery,
        detail: documented({
          tag: "Admin",
          who: "admin",
          summary: "A waiting room, and how it was paced",
          answers: { 200: { description: "The pacer's decisions, the latest first.", schema: roomJournalAnswer } },
          problems: ["FLIGHT_NOT_FOUND", "ROOM_OFF", "UNAVAILABLE"],
        }),
      },
    );
}

interface RoomBody extends Omit<RoomChange, "opensAtMs" | "registeredBeforeMs"> {
  readonly opensAt?: string;
  readonly registeredBefore?: string | null;
}

/** @throws Problem 400 VALIDATION */
function changeOf({ opensAt, registeredBefore, ...rest }: RoomBody, nowMs: number): RoomChange {
  const opensAtMs = opensAt === undefined ? undefined : timeOf("opensAt", opensAt);
  if (opensAtMs !== undefined && opensAtMs > nowMs + OPENS_AHEAD_MS_MAX)
    throw invalidField("opensAt", "is more than a year away");
  return {
    ...rest,
    ...(opensAtMs === undefined ? {} : { opensAtMs }),
    ...(registeredBefore === undefined
      ? {}
      : { registeredBeforeMs: registeredBefore === null ? null : timeOf("registeredBefore", registeredBefore) }),
  };
}

function timeOf(field: string, text: string): number {
  const isTime = CALENDAR_DAY.test(text.slice(0, 10)) && TIME_OF_DAY.test(text.slice(10));
  const ms = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw invalidField(field, "Expected a time that the calendar has, as 2027-03-01T09:00:00Z");
  return ms;
}

function roomView(room: Room, known: KnownRoom | null, nowMs: number) {
  const { flightId, epoch, mode, opensAtMs, settings } = room;
  const { maxActive, admitPerMinute, passTtlMs, registeredBeforeMs, proofOfWork } = settings;
  return {
    flightId,
    epoch,
    mode,
    state: stateOf(room, known?.seatsLeft ?? null, nowMs),
    opensAt: epoch === 0 ? null : isoTime(opensAtMs),
    maxActive,
    admitPerMinute,
    passTtlMs,
    registeredBefore: registeredBeforeMs === null ? null : isoTime(registeredBeforeMs),
    proofOfWork,
    seedHash: epoch === 0 ? null : seedHashText(room),
  };
}

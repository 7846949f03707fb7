/**
 * Owns how the turns of a journal entry are written. The answer to a hold says its event again, which would be half of what a sale writes:
 * such an answer is a word, and made of the event when it is read.
 */

import { assert } from "../actors/assert.ts";
import type { FlightEvent, KeyRecord, TurnRecord } from "../actors/domain/event.ts";
import type { FlightId } from "../actors/domain/ids.ts";
import type { Reply, ReservationView } from "../actors/domain/reply.ts";

type Held = Extract<FlightEvent, { type: "held" }>;

/** The answer says what the turn's last event does, and that the total is in this currency. */
interface AsHeld {
  readonly asHeld: string;
}

interface WrittenKey extends Omit<KeyRecord, "reply"> {
  readonly reply: Reply | AsHeld;
}

interface WrittenTurn extends Omit<TurnRecord, "key"> {
  readonly key: WrittenKey | null;
}

export function writeTurns(turns: readonly TurnRecord[]): string {
  return JSON.stringify(turns.map(written));
}

/** @param text as {@link writeTurns} makes it, or a program of before, which wrote all answers in full */
export function readTurns(flightId: FlightId, text: string): TurnRecord[] {
  return (JSON.parse(text) as WrittenTurn[]).map((turn) => read(flightId, turn));
}

function written(turn: TurnRecord): WrittenTurn {
  const { atMs, events, key } = turn;
  if (key === null || !key.reply.ok || key.reply.result.kind !== "reservation") return turn;
  const { reservation } = key.reply.result;
  const event = events.at(-1);
  if (event?.type !== "held" || !saysTheSame(reservation, event)) return turn;
  const { name, fingerprint, keptUntilMs } = key;
  return { atMs, events, key: { name, fingerprint, keptUntilMs, reply: { asHeld: reservation.total.currency } } };
}

function read(flightId: FlightId, turn: WrittenTurn): TurnRecord {
  const { atMs, events, key } = turn;
  if (key === null || !("asHeld" in key.reply)) return turn as TurnRecord;
  const event = events.at(-1);
  assert(event?.type === "held", () => `the journal of ${flightId} answers as held where nothing was held`);
  const reservation = reservationOf(flightId, event, key.reply.asHeld);
  return { atMs, events, key: { ...key, reply: { ok: true, result: { kind: "reservation", reservation } } } };
}

function reservationOf(flightId: FlightId, held: Held, currency: string): ReservationView {
  const { id, pnr, member, passengers, total, expiresAtMs } = held;
  return {
    id,
    pnr,
    flightId,
    member,
    status: "HELD",
    passengers: passengers.map(({ type, seat }) => ({ type, seat })),
    total: { amount: total, currency },
    expiresAtMs,
  };
}

/** Whether {@link reservationOf} gives back the whole answer: it would, unless it comes to say more. */
function saysTheSame(view: ReservationView, held: Held): boolean {
  return (
    view.id === held.id &&
    view.pnr === held.pnr &&
    view.member === held.member &&
    view.status === "HELD" &&
    view.payment === undefined &&
    view.total.amount === held.total &&
    view.expiresAtMs === held.expiresAtMs &&
    view.passengers.length === held.passengers.length &&
    view.passengers.every(({ type, seat, ticket }, ordinal) => {
      const passenger = held.passengers[ordinal];
      return ticket === undefined && type === passenger?.type && seat === passenger.seat;
    })
  );
}

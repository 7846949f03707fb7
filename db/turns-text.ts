/**
 * Owns how the turns of a journal entry are written. The answer to a hold says its event again, which would be half of what a sale writes:
 * such an answer is a word, and made of the event when it is read.
 */

import { assert } from "../actors/assert.ts";
import { replyAsHeld, reservationIn, saysAsHeld } from "../actors/domain/as-held.ts";
import type { KeyRecord, TurnRecord } from "../actors/domain/event.ts";
import type { FlightId } from "../actors/domain/ids.ts";
import type { Reply } from "../actors/domain/reply.ts";

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
  const reservation = key === null ? null : reservationIn(key.reply);
  if (key === null || reservation === null) return turn;
  const event = events.at(-1);
  if (event?.type !== "held" || !saysAsHeld(reservation, event)) return turn;
  const { name, fingerprint, keptUntilMs } = key;
  return { atMs, events, key: { name, fingerprint, keptUntilMs, reply: { asHeld: reservation.total.currency } } };
}

function read(flightId: FlightId, turn: WrittenTurn): TurnRecord {
  const { atMs, events, key } = turn;
  if (key === null || !("asHeld" in key.reply)) return turn as TurnRecord;
  const event = events.at(-1);
  assert(event?.type === "held", () => `the journal of ${flightId} answers as held where nothing was held`);
  return { atMs, events, key: { ...key, reply: replyAsHeld({ flightId, currency: key.reply.asHeld }, event) } };
}

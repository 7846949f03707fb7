/** Owns the statements that several peers share, and how what they came to is read. */

import { present } from "../../actors/assert.ts";
import type { SeatId } from "../../actors/domain/ids.ts";
import type { Answer, Decision, HoldRequest, KeyOwner, Verdict } from "./peer.ts";
import { DUPLICATE, InTheWay, type Link, type Outcome, type Pool, type Row, type Statement } from "./pool.ts";

/** `?,?,?` */
export function marks(count: number): string {
  return Array.from({ length: count }, () => "?").join(",");
}

/** A statement for each number of seats, made once. */
export function bySeats(make: (count: number) => string): (count: number) => string {
  const made: string[] = [];
  return (count) => {
    const known = made[count];
    if (known !== undefined) return known;
    const sql = make(count);
    made[count] = sql;
    return sql;
  };
}

const claimsOf = bySeats((count) => {
  return `select seat, expires_at_ms from claim where flight_id = ? and seat in (${marks(count)})`;
});
const claimAll = bySeats((count) => {
  return `insert into claim values ${Array.from({ length: count }, () => "(?,?,?,?)").join(",")}`;
});
const clearAll = bySeats((count) => {
  return `delete from claim where flight_id = ? and seat in (${marks(count)}) and expires_at_ms <= ?`;
});
const RESERVE = "insert into reservation values (?,?,?,?,'HELD',?,?,?,?,?)";
const REMEMBER = "insert into answered values (?,?,?,?,?,?)";
const RECALL =
  "select verdict, content, fingerprint from answered where member_id = ? and flight_id = ? and idempotency_key = ?";

export const COMMIT: Statement = ["commit"];
export const ROLLBACK: Statement = ["rollback"];

/** Until when the seats that have a claim are claimed. */
export function lookAtClaims({ flightId, seats }: HoldRequest): Statement {
  return [claimsOf(seats.length), [flightId, ...seats]];
}

/** All seats or, with a duplicate among them, none. */
export function claim({ flightId, seats, reservationId, expiresAtMs }: HoldRequest): Statement {
  return [claimAll(seats.length), seats.flatMap((seat) => [flightId, seat, reservationId, expiresAtMs])];
}

export function clearExpired({ flightId, seats, nowMs }: HoldRequest): Statement {
  return [clearAll(seats.length), [flightId, ...seats, nowMs]];
}

export function reserve(request: HoldRequest): Statement {
  const { reservationId, flightId, member, pnr, passengers, amount, currency, nowMs, expiresAtMs } = request;
  return [RESERVE, [reservationId, flightId, member, pnr, passengers, amount, currency, nowMs, expiresAtMs]];
}

export function remember({ member, flightId, key, fingerprint }: KeyOwner, { verdict, content }: Decision): Statement {
  return [REMEMBER, [member, flightId, key, fingerprint, verdict, content]];
}

export function heldDecision({ body }: HoldRequest): Decision {
  return { verdict: "HELD", content: body };
}

export function takenDecision(seats: readonly SeatId[]): Decision {
  return { verdict: "SEAT_TAKEN", content: seats.join(",") };
}

export function decidedNow(decision: Decision): Answer {
  return { ...decision, replayOf: null };
}

/** A row of verdict, content and fingerprint. */
export function decidedBefore([verdict, content, fingerprint]: Row): Answer {
  return { verdict: verdict as Verdict, content: String(content), replayOf: String(fingerprint) };
}

/** Those of `rows` (seat, end) whose time is not over. */
export function claimedAt(nowMs: number, rows: readonly Row[]): readonly SeatId[] {
  return rows.filter(([, expiresAtMs]) => Number(expiresAtMs) > nowMs).map(([seat]) => String(seat));
}

/** @throws whatever it was refused for, but for a duplicate */
export function isDuplicate({ failure }: Outcome): boolean {
  if (failure === null) return false;
  if (failure.errno === DUPLICATE) return true;
  throw failure;
}

/** The decision of a key that is known to have one. */
export async function recall(link: Link, { member, flightId, key }: KeyOwner): Promise<Answer> {
  const [found, ended] = await link.all([[RECALL, [member, flightId, key]], COMMIT]);
  if (ended !== undefined) isDuplicate(ended);
  const row = present(found, "the statement was answered").rows[0];
  // Whoever inserted the key has undone it.
  if (row === undefined) throw new InTheWay("the key was given up");
  return decidedBefore(row);
}

/** Undoes what was written in the transaction so far, and decides the key, in one trip: a refused insert leaves nothing to commit. */
export async function refuse(link: Link, owner: KeyOwner, decision: Decision): Promise<Answer> {
  const [, remembered, ended] = await link.all([ROLLBACK, remember(owner, decision), COMMIT]);
  if (isDuplicate(present(remembered, "the insert was answered"))) return await recall(link, owner);
  isDuplicate(present(ended, "the commit was answered"));
  return decidedNow(decision);
}

/** {@link Peer.decide} of all whose keys are in the database. */
export function decide(pool: Pool, owner: KeyOwner, decision: Decision): Promise<Answer> {
  return pool.use((link) => refuse(link, owner, decision));
}

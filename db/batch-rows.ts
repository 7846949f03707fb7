/** Owns the rows that a batch writes, by table and in the order of its columns: the same on SQLite and on MySQL. */

import { kindsOf } from "../actors/domain/event-kinds.ts";
import type { Projection } from "../actors/domain/projection.ts";
import type { Batch, FlightChange } from "../actors/journal.ts";
import { writeTurns } from "./turns-text.ts";

export type Cell = string | number | null;
export type Row = readonly Cell[];

export interface Written {
  readonly sql: string;
  readonly columns: number;
}

/** Columns are named, so that a program of before goes on while a later one adds some. */
export const INSERT_ENTRIES =
  "insert into journal (flight_id, version, batch, at_ms, schema_version, turns, kinds) values ";
export const ENTRY_COLUMNS = 7;

/** What a batch does to the projections, in this order: a seat changes hands within a batch only if its old claim goes first. */
export const STATEMENTS = {
  removeClaim: { sql: "delete from seat_claim where flight_id = ? and seat = ? and reservation_id = ?", columns: 3 },
  addClaim: { sql: "insert into seat_claim values (?, ?, ?)", columns: 3 },
  insertReservation: { sql: "insert into reservation values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", columns: 10 },
  updateReservation: { sql: "update reservation set status = ? where id = ?", columns: 2 },
  insertPassenger: { sql: "insert into passenger values (?, ?, ?, ?)", columns: 4 },
  insertPayment: { sql: "insert into payment values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", columns: 12 },
  updatePayment: {
    sql: "update payment set status = ?, captured_amount = ?, captured_currency = ?, refund_reason = ?, checkout_url = ?, next_look_ms = ?, looks = 0 where id = ?",
    columns: 7,
  },
  insertTicket: { sql: "insert into ticket values (?, ?, ?, ?)", columns: 4 },
  updateTicket: { sql: "update ticket set status = ? where reservation_id = ? and ordinal = ?", columns: 3 },
} as const satisfies Record<string, Written>;

export type StatementName = keyof typeof STATEMENTS;

export const STATEMENT_NAMES = Object.keys(STATEMENTS) as readonly StatementName[];

/** What each statement is run with, for one flight. */
export const ROWS_OF: Readonly<Record<StatementName, (projection: Projection, flightId: string) => readonly Row[]>> = {
  removeClaim: ({ claims }, flightId) =>
    claims.remove.map(({ seat, reservationId }) => [flightId, seat, reservationId]),
  addClaim: ({ claims }, flightId) => claims.add.map(({ seat, reservationId }) => [flightId, seat, reservationId]),
  insertReservation: ({ reservations }, flightId) =>
    reservations.insert.map((r) => [
      r.id,
      flightId,
      r.memberId,
      r.pnr,
      r.status,
      JSON.stringify(r.passengers),
      r.totalAmount,
      r.currency,
      r.createdAtMs,
      r.expiresAtMs,
    ]),
  updateReservation: ({ reservations }) => reservations.update.map(({ status, id }) => [status, id]),
  insertPassenger: ({ passengers }) =>
    passengers.map(({ reservationId, ordinal, name, birthDate }) => [reservationId, ordinal, name, birthDate]),
  insertPayment: ({ payments }, flightId) =>
    payments.insert.map((p) => [
      p.id,
      p.reservationId,
      flightId,
      p.status,
      p.amount,
      p.currency,
      p.capturedAmount,
      p.capturedCurrency,
      p.refundReason,
      p.checkoutUrl,
      p.expiresAtMs,
      p.nextLookMs,
    ]),
  updatePayment: ({ payments }) =>
    payments.update.map((p) => [
      p.status,
      p.capturedAmount,
      p.capturedCurrency,
      p.refundReason,
      p.checkoutUrl,
      p.nextLookMs,
      p.id,
    ]),
  insertTicket: ({ tickets }) =>
    tickets.insert.map(({ reservationId, ordinal, number, status }) => [reservationId, ordinal, number, status]),
  updateTicket: ({ tickets }) =>
    tickets.update.map(({ reservationId, ordinal, status }) => [status, reservationId, ordinal]),
};

/** What the journal says of a change, after the flight, the version and the batch. */
export function entryCells({ entry, logicalMs }: FlightChange): readonly [number, number, string, number] {
  return [logicalMs, entry.schema, writeTurns(entry.turns), kindsOf(entry)];
}

export interface BatchRows {
  readonly journal: readonly Row[];
  /** id, shard, version, batch, logical time, next deadline, cabins. */
  readonly heads: readonly Row[];
  readonly projections: Readonly<Record<StatementName, readonly Row[]>>;
}

/** Gathered by table over all flights. */
export function batchRows({ id, flights }: Batch): BatchRows {
  const journal: Row[] = [];
  const heads: Row[] = [];
  const projections = Object.fromEntries(STATEMENT_NAMES.map((name) => [name, [] as Row[]])) as Record<
    StatementName,
    Row[]
  >;
  for (const { flightId, shard, base, change } of flights) {
    if (change === null) continue;
    const { projection, logicalMs, nextDeadlineMs, cabins } = change;
    journal.push([flightId, base + 1, id, ...entryCells(change)]);
    heads.push([flightId, shard, base + 1, id, logicalMs, nextDeadlineMs, JSON.stringify(cabins)]);
    for (const name of STATEMENT_NAMES)
      for (const row of ROWS_OF[name](projection, flightId)) projections[name].push(row);
  }
  return { journal, heads, projections };
}

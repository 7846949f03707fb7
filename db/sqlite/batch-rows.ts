/** Owns the form in which a batch travels to the thread that writes it: plain arrays in the order of the tables' columns. */

import type { Batch, FlightWrite } from "../../actors/journal.ts";

export type Cell = string | number | null;
export type Row = readonly Cell[];

export interface FlightRows {
  readonly flightId: string;
  readonly shard: number;
  readonly base: number;
  /** null when nothing is written and only the version is checked. */
  readonly writes: {
    readonly journal: Row;
    readonly head: Row;
    readonly tables: readonly TableRows[];
  } | null;
}

/** `statement` is a key of the writer's statements. */
export interface TableRows {
  readonly statement: StatementName;
  readonly rows: readonly Row[];
}

export type StatementName =
  | "removeClaim"
  | "addClaim"
  | "insertReservation"
  | "updateReservation"
  | "insertPassenger"
  | "insertPayment"
  | "updatePayment"
  | "insertTicket"
  | "updateTicket";

export interface BatchRows {
  readonly id: string;
  readonly owner: string;
  readonly fences: readonly (readonly [shard: number, epoch: number])[];
  readonly flights: readonly FlightRows[];
}

export function batchRows(batch: Batch): BatchRows {
  return {
    id: batch.id,
    owner: batch.owner,
    fences: batch.fences.map(({ shard, epoch }) => [shard, epoch]),
    flights: batch.flights.map((write) => flightRows(batch.id, write)),
  };
}

function flightRows(batchId: string, { flightId, shard, base, change }: FlightWrite): FlightRows {
  if (change === null) return { flightId, shard, base, writes: null };
  const { entry, projection, logicalMs, nextDeadlineMs, cabins } = change;
  const { claims, reservations, passengers, payments, tickets } = projection;
  const tables: TableRows[] = [];
  const table = <T>(statement: StatementName, values: readonly T[], row: (value: T) => Row): void => {
    if (values.length > 0) tables.push({ statement, rows: values.map(row) });
  };
  // A seat changes hands within a batch only if its old claim goes first.
  table("removeClaim", claims.remove, ({ seat, reservationId }) => [flightId, seat, reservationId]);
  table("addClaim", claims.add, ({ seat, reservationId }) => [flightId, seat, reservationId]);
  table("insertReservation", reservations.insert, (r) => [
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
  ]);
  table("updateReservation", reservations.update, (r) => [r.status, r.id]);
  table("insertPassenger", passengers, (p) => [p.reservationId, p.ordinal, p.name, p.birthDate]);
  table("insertPayment", payments.insert, (p) => [
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
  ]);
  table("updatePayment", payments.update, (p) => [
    p.status,
    p.capturedAmount,
    p.capturedCurrency,
    p.refundReason,
    p.checkoutUrl,
    p.nextLookMs,
    p.id,
  ]);
  table("insertTicket", tickets.insert, (t) => [t.reservationId, t.ordinal, t.number, t.status]);
  table("updateTicket", tickets.update, (t) => [t.status, t.reservationId, t.ordinal]);
  return {
    flightId,
    shard,
    base,
    writes: {
      journal: [flightId, base + 1, batchId, logicalMs, entry.schema, JSON.stringify(entry.turns)],
      head: [base + 1, batchId, logicalMs, nextDeadlineMs, JSON.stringify(cabins), flightId],
      tables,
    },
  };
}

/** Owns the projections' tables as a test keeps them: rows by primary key, where a second insert or a missing row is a failure. */

import { assert } from "../../../../actors/assert.ts";
import type {
  PaymentRow,
  Projection,
  ReservationRow,
  TicketRow,
  Written,
} from "../../../../actors/domain/projection.ts";

export class Tables {
  readonly reservations = new Map<string, ReservationRow>();
  readonly payments = new Map<string, Omit<PaymentRow, "nextLookMs">>();
  readonly tickets = new Map<string, TicketRow>();
  /** Seat → reservation. */
  readonly claims = new Map<string, string>();
  /** Names are told once, when they are given; a replay of the journal can't tell them again. */
  readonly passengers = new Map<string, string>();

  apply({ reservations, payments, tickets, passengers, claims }: Projection): void {
    write(this.reservations, reservations, ({ id }) => id);
    write(this.tickets, tickets, ({ reservationId, ordinal }) => `${reservationId}/${ordinal}`);
    // When to look next is moved on by whoever settles: it is no part of what the journal says.
    const told = ({ nextLookMs: _, ...row }: PaymentRow): Omit<PaymentRow, "nextLookMs"> => row;
    write(this.payments, { insert: payments.insert.map(told), update: payments.update.map(told) }, ({ id }) => id);
    for (const { seat, reservationId } of claims.remove) {
      assert(this.claims.get(seat) === reservationId, `${reservationId} has the claim on ${seat} that it gives up`);
      this.claims.delete(seat);
    }
    for (const { seat, reservationId } of claims.add) {
      assert(!this.claims.has(seat), `nobody has a claim on ${seat} when ${reservationId} takes it`);
      this.claims.set(seat, reservationId);
    }
    for (const { reservationId, ordinal, name } of passengers) {
      assert(!this.passengers.has(`${reservationId}/${ordinal}`), `passenger ${ordinal} is named once`);
      this.passengers.set(`${reservationId}/${ordinal}`, name);
    }
  }

  /** The rows in one order, without the names. */
  rows(): object {
    const inOrder = <Row>(table: ReadonlyMap<string, Row>): [string, Row][] =>
      [...table].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      reservations: inOrder(this.reservations),
      payments: inOrder(this.payments),
      tickets: inOrder(this.tickets),
      claims: inOrder(this.claims),
    };
  }
}

function write<Row>(table: Map<string, Row>, { insert, update }: Written<Row>, keyOf: (row: Row) => string): void {
  for (const row of insert) {
    assert(!table.has(keyOf(row)), `row ${keyOf(row)} is inserted once`);
    table.set(keyOf(row), row);
  }
  for (const row of update) {
    assert(table.has(keyOf(row)), `row ${keyOf(row)} is there to be updated`);
    table.set(keyOf(row), row);
  }
}

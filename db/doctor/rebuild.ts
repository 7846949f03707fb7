/** Owns the making anew of a flight's projections from its journal, in one transaction a flight. */

import type { Kysely, Transaction } from "kysely";
import type { FlightId } from "../../actors/domain/ids.ts";
import { cabinSummaries } from "../../actors/domain/projection.ts";
import type { Database } from "../schema.ts";
import { inChunks } from "./chunks.ts";
import { paymentColumns, reservationColumns, ticketColumns } from "./columns.ts";
import type { Replayed } from "./replay.ts";

/** Rows of one insert. */
const INSERT_ROWS = 100;

/** @param held asked within the transaction: throws unless nobody else may write the flight until it ends */
export function rebuildFlight(
  write: Kysely<Database>,
  flightId: FlightId,
  { state, projection }: Replayed,
  held: (transaction: Transaction<Database>, flightId: FlightId) => Promise<void>,
): Promise<void> {
  return write.transaction().execute(async (transaction) => {
    await held(transaction, flightId);
    const { reservations, claims, payments, tickets } = projection;
    const ids = reservations.insert.map(({ id }) => id);
    // It is derived as well; the next host to have the flight in memory makes another.
    await transaction.deleteFrom("snapshot").where("flight_id", "=", flightId).execute();
    await transaction.deleteFrom("seat_claim").where("flight_id", "=", flightId).execute();
    await transaction.deleteFrom("reservation").where("flight_id", "=", flightId).execute();
    await inChunks(ids, async (some) => {
      await transaction.deleteFrom("reservation").where("id", "in", some).execute();
      await transaction.deleteFrom("ticket").where("reservation_id", "in", some).execute();
      return [];
    });
    await insert(
      transaction,
      "seat_claim",
      claims.add.map(({ seat, reservationId }) => ({ flight_id: flightId, seat, reservation_id: reservationId })),
    );
    await insert(transaction, "reservation", reservations.insert.map(reservationColumns));
    await insert(transaction, "ticket", tickets.insert.map(ticketColumns));
    const implied = new Set(payments.insert.map(({ id }) => id));
    const stored = await transaction
      .selectFrom("payment")
      .select(["id", "status"])
      .where("flight_id", "=", flightId)
      .execute();
    for (const { id } of stored)
      if (!implied.has(id)) await transaction.deleteFrom("payment").where("id", "=", id).execute();
    const statusBefore = new Map(stored.map(({ id, status }) => [id, status]));
    for (const row of payments.insert) {
      const columns = paymentColumns(row);
      const { nextLookMs } = row;
      // When to look again is not derived, so what is there stays, unless it was set for another status: one in which nothing is open is not due.
      const isLookKept = nextLookMs !== null && statusBefore.get(row.id) === row.status;
      const updated = await transaction
        .updateTable("payment")
        .set((e) => ({
          ...columns,
          ...(isLookKept
            ? { next_look_ms: e.fn.coalesce("next_look_ms", e.val(nextLookMs)) }
            : { next_look_ms: nextLookMs, looks: 0 }),
        }))
        .where("id", "=", row.id)
        .executeTakeFirstOrThrow();
      if (updated.numUpdatedRows > 0n) continue;
      await transaction
        .insertInto("payment")
        .values({ ...columns, next_look_ms: row.nextLookMs, looks: 0 })
        .execute();
    }
    await transaction
      .updateTable("flight_head")
      .set({
        version: state.version,
        logical_ms: state.logicalMs,
        next_deadline_ms: state.nextDeadlineMs(),
        cabins: JSON.stringify(cabinSummaries(state)),
      })
      .where("flight_id", "=", flightId)
      .execute();
  });
}

/** Removes the rows of flights of which there is neither head nor journal, and the tickets of no reservation. Every other flight must be well. */
export function removeStrays(write: Kysely<Database>): Promise<void> {
  return write.transaction().execute(async (transaction) => {
    for (const table of ["seat_claim", "reservation", "payment"] as const) {
      await (transaction as unknown as Kysely<Record<string, { flight_id: string }>>)
        .deleteFrom(table)
        .where("flight_id", "not in", (e) => e.selectFrom("flight_head").select("flight_id"))
        .where("flight_id", "not in", (e) => e.selectFrom("journal").select("flight_id"))
        .execute();
    }
    await transaction
      .deleteFrom("ticket")
      .where("reservation_id", "not in", (e) => e.selectFrom("reservation").select("id"))
      .execute();
  });
}

async function insert<Table extends "seat_claim" | "reservation" | "ticket">(
  transaction: Transaction<Database>,
  table: Table,
  rows: readonly Database[Table][],
): Promise<void> {
  for (let from = 0; from < rows.length; from += INSERT_ROWS) {
    const values = rows.slice(from, from + INSERT_ROWS);
    // The three tables have no generated columns: a row is what is inserted.
    await (transaction as unknown as Kysely<Record<string, object>>).insertInto(table).values(values).execute();
  }
}

/** Owns the comparison of a flight's rows in the tables with the rows that its journal implies. */

import type { Kysely } from "kysely";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { Projection } from "../../actors/domain/projection.ts";
import type { Database } from "../schema.ts";
import { inChunks } from "./chunks.ts";
import { paymentColumns, reservationColumns, ticketColumns } from "./columns.ts";

export interface Compared {
  readonly findings: readonly string[];
  readonly nextLookMs: ReadonlyMap<string, number | null>;
}

export async function compareRows(
  view: Kysely<Database>,
  flightId: FlightId,
  projection: Projection,
): Promise<Compared> {
  const findings: string[] = [];
  const { reservations, claims, payments, tickets, passengers: _ } = projection;
  const reservationIds = reservations.insert.map(({ id }) => id);

  const claimed = await view.selectFrom("seat_claim").selectAll().where("flight_id", "=", flightId).execute();
  findings.push(
    ...differences(
      "seat_claim",
      new Map(claims.add.map(({ seat, reservationId }) => [seat, { reservation_id: reservationId }])),
      new Map(claimed.map(({ seat, reservation_id }) => [seat, { reservation_id }])),
    ),
  );

  const reserved = await inChunks(reservationIds, (ids) =>
    view.selectFrom("reservation").selectAll().where("id", "in", ids).execute(),
  );
  findings.push(
    ...differences(
      "reservation",
      new Map(reservations.insert.map((row) => [row.id, reservationColumns(row)])),
      new Map(reserved.map((row) => [row.id, row])),
    ),
  );

  const paid = await inChunks(
    payments.insert.map(({ id }) => id),
    (ids) => view.selectFrom("payment").selectAll().where("id", "in", ids).execute(),
  );
  findings.push(
    ...differences(
      "payment",
      new Map(payments.insert.map((row) => [row.id, paymentColumns(row)])),
      new Map(paid.map((row) => [row.id, row])),
    ),
  );

  const issued = await inChunks(reservationIds, (ids) =>
    view.selectFrom("ticket").selectAll().where("reservation_id", "in", ids).execute(),
  );
  findings.push(
    ...differences(
      "ticket",
      new Map(tickets.insert.map((row) => [`${row.reservationId}/${row.ordinal}`, ticketColumns(row)])),
      new Map(issued.map((row) => [`${row.reservation_id}/${row.ordinal}`, row])),
    ),
  );
  return { findings, nextLookMs: new Map(paid.map(({ id, next_look_ms }) => [id, next_look_ms])) };
}

/** Says what differs in the columns that are implied; the others are nobody's to derive. */
function differences(
  table: string,
  implied: ReadonlyMap<string, object>,
  stored: ReadonlyMap<string, object>,
): string[] {
  const findings: string[] = [];
  for (const [key, columns] of implied) {
    const row = stored.get(key);
    if (row === undefined) {
      findings.push(`${table} ${key} is missing`);
      continue;
    }
    const values = new Map<string, unknown>(Object.entries(row));
    for (const [column, value] of Object.entries(columns)) {
      // A large number may come as a string, so that none is read as its neighbour.
      const found = String(values.get(column));
      if (found !== String(value)) findings.push(`${table} ${key}: ${column} is ${found}, the journal says ${value}`);
    }
  }
  for (const key of stored.keys()) if (!implied.has(key)) findings.push(`${table} ${key} has no ground in the journal`);
  return findings;
}

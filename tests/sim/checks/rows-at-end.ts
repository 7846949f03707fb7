/** Owns the comparison of all that people read with all that the journals say: a row that was never written is in no commit that could be looked at. */

import { place } from "../sql/schema.ts";
import type { Value } from "../sql/syntax.ts";
import type { World } from "../world/world.ts";
import type { FlightModel } from "./flight-model.ts";

/** What rows say, by what names them. */
type Told = Map<string, string>;

export function judgeRows({ server, models, findings }: World): void {
  const implied = impliedBy([...models.values()]);
  for (const [table, { names, tells }] of Object.entries(READ)) {
    const words = (columns: readonly string[], row: readonly Value[]): string =>
      columns.map((column) => row[place(table, column)]).join(" ");
    const stored: Told = new Map();
    for (const row of server.tables.rows(table).values()) stored.set(words(names, row), words(tells, row));
    const differs = difference(implied[table as keyof typeof READ], stored);
    findings.expect(differs === null, "projections", () => `${table} ${differs}`);
  }
}

/** By table, the columns that name a row, and of the others those that a journal implies. */
const READ = {
  reservation: { names: ["id"], tells: ["flight_id", "status", "total_amount", "expires_at_ms"] },
  seat_claim: { names: ["flight_id", "seat"], tells: ["reservation_id"] },
  passenger: { names: ["reservation_id", "ordinal"], tells: [] },
  payment: { names: ["id"], tells: ["reservation_id", "status"] },
  ticket: { names: ["reservation_id", "ordinal"], tells: ["number", "status"] },
} as const;

function impliedBy(flights: readonly FlightModel[]): Record<keyof typeof READ, Told> {
  const told = {
    reservation: new Map(),
    seat_claim: new Map(),
    passenger: new Map(),
    payment: new Map(),
    ticket: new Map(),
  };
  for (const { flightId, holders, reservations, attempts } of flights) {
    for (const [seat, id] of holders) told.seat_claim.set(`${flightId} ${seat}`, id);
    for (const { id, reservation, status } of attempts.values()) told.payment.set(id, `${reservation.id} ${status}`);
    for (const { id, status, total, expiresAtMs, passengers, tickets } of reservations.values()) {
      told.reservation.set(id, `${flightId} ${status} ${total} ${expiresAtMs}`);
      for (let ordinal = 0; ordinal < passengers; ordinal++) told.passenger.set(`${id} ${ordinal}`, "");
      const isGood = status === "TICKETED" ? "ISSUED" : "CANCELLED";
      for (const [ordinal, number] of tickets.entries()) told.ticket.set(`${id} ${ordinal}`, `${number} ${isGood}`);
    }
  }
  return told;
}

/** The first row that is not as it should be; null when all are. */
function difference(implied: Told, stored: Told): string | null {
  for (const [name, should] of implied) {
    const is = stored.get(name);
    if (is !== should) return `${name} should say ${should}, and ${is === undefined ? "there is none" : `says ${is}`}`;
  }
  for (const name of stored.keys()) if (!implied.has(name)) return `${name} is of nothing that any journal tells`;
  return null;
}

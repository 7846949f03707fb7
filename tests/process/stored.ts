/** Owns what tests read of a server's database behind its back: committed rows, without asking the server and so without waking a flight. */

import { Database } from "bun:sqlite";

export interface StoredReservation {
  readonly id: string;
  readonly flightId: string;
  readonly pnr: string;
  readonly status: string;
  readonly expiresAtMs: number;
  readonly seats: readonly string[];
}

export interface StoredAttempt {
  readonly id: string;
  readonly reservationId: string;
  readonly status: string;
}

export interface Stored {
  readonly reservations: ReadonlyMap<string, StoredReservation>;
  readonly attempts: readonly StoredAttempt[];
  /** `flight seat`, and whose it is. */
  readonly claims: ReadonlyMap<string, string>;
  /** Reservations for which tickets were issued, also those that were cancelled afterwards. */
  readonly ticketed: ReadonlySet<string>;
}

const ACTIVE = ["HELD", "PAYING", "CANCELLING", "TICKETED"];

/** One consistent view of the tables. */
export function readStored(file: string): Stored {
  const database = new Database(file, { readonly: true });
  try {
    return database.transaction(() => ({
      reservations: new Map(
        database
          .query<Omit<StoredReservation, "seats"> & { passengers: string }, []>(
            "select id, flight_id as flightId, pnr, status, expires_at_ms as expiresAtMs, passengers from reservation",
          )
          .all()
          .map(({ passengers, ...row }) => [row.id, { ...row, seats: seatsIn(passengers) }]),
      ),
      attempts: database
        .query<StoredAttempt, []>("select id, reservation_id as reservationId, status from payment")
        .all(),
      claims: new Map(
        database
          .query<{ flight_id: string; seat: string; reservation_id: string }, []>("select * from seat_claim")
          .all()
          .map(({ flight_id, seat, reservation_id }) => [`${flight_id} ${seat}`, reservation_id]),
      ),
      ticketed: new Set(
        database
          .query<{ id: string }, []>("select distinct reservation_id as id from ticket")
          .all()
          .map(({ id }) => id),
      ),
    }))();
  } finally {
    database.close();
  }
}

/** What each seat that is not free should be claimed by; throws when two reservations have the same one. */
export function impliedClaims({ reservations }: Stored): ReadonlyMap<string, string> {
  const claims = new Map<string, string>();
  for (const { id, flightId, status, seats } of reservations.values()) {
    if (!ACTIVE.includes(status)) continue;
    for (const seat of seats) {
      const name = `${flightId} ${seat}`;
      const other = claims.get(name);
      if (other !== undefined) throw new Error(`${name} is ${id}'s and ${other}'s`);
      claims.set(name, id);
    }
  }
  return claims;
}

function seatsIn(passengers: string): string[] {
  return (JSON.parse(passengers) as { seat: string | null }[]).flatMap(({ seat }) => seat ?? []);
}

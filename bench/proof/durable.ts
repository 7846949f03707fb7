/** Owns the proof that what was acknowledged is there: each hold that a load run was told of, looked up in the database one by one. */
import { readFileSync } from "node:fs";
import { type Ack, readAcks } from "../load/acks.ts";
import { seatOf, type VisitOptions } from "../load/visits.ts";
import type { Contestant } from "../rig/contestant.ts";
import { query } from "../rig/databases.ts";

export interface Proof {
  /** Holds that were acknowledged. */
  readonly acknowledged: number;
  /** Of these, those that the database has, with the seat that was asked for. */
  readonly confirmed: number;
  /** What is wrong, as sentences: the first few. */
  readonly wrong: readonly string[];
}

const SENTENCES_MAX = 5;

export type Keeper = Pick<Contestant, "databaseUrl" | "claimsTable">;

/** @param visits what the run was told to ask for */
export async function proveDurable(keeper: Keeper, acksFile: string, visits: VisitOptions): Promise<Proof> {
  const acks = readAcks(readFileSync(acksFile, "utf8"));
  return compare(acks, visits, await heldSeats(keeper, visits.flights));
}

/** By reservation that is HELD, of these flights: what it claims, as `flight seat`. */
async function heldSeats(
  { databaseUrl, claimsTable }: Keeper,
  flights: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await query(
    databaseUrl,
    // In this order, whatever the server guesses: claims by their key, reservations by theirs.
    `SELECT r.id AS id, r.flight_id AS flight, c.seat AS seat FROM ${claimsTable} c
       STRAIGHT_JOIN reservation r ON r.id = c.reservation_id AND r.flight_id = c.flight_id
      WHERE c.flight_id IN (?) AND r.status = 'HELD'`,
    [flights],
  );
  return new Map(rows.map(({ id, flight, seat }) => [String(id), `${flight} ${seat}`]));
}

export function compare(acks: readonly Ack[], visits: VisitOptions, stored: ReadonlyMap<string, string>): Proof {
  const wrong: string[] = [];
  const seen = new Map<string, number>();
  let confirmed = 0;
  for (const { sequence, id } of acks) {
    const { flightId, seat } = seatOf(visits, sequence);
    const asked = `${flightId} ${seat}`;
    const has = stored.get(id);
    const before = seen.get(asked);
    seen.set(asked, sequence);
    if (before !== undefined) wrong.push(`${asked} was acknowledged twice: to requests ${before} and ${sequence}`);
    else if (has === undefined)
      wrong.push(`reservation ${id} of ${asked} was acknowledged, and the database does not have it`);
    else if (has !== asked)
      wrong.push(`reservation ${id} was acknowledged for ${asked}, and the database has it for ${has}`);
    else confirmed += 1;
  }
  return { acknowledged: acks.length, confirmed, wrong: shortened(wrong) };
}

function shortened(wrong: readonly string[]): readonly string[] {
  const more = wrong.length - SENTENCES_MAX;
  return more > 0 ? [...wrong.slice(0, SENTENCES_MAX), `and ${more} more`] : wrong;
}

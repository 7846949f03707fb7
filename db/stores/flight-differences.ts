/** Owns the comparison of staged flights with those of the same name that are on sale: what differs is told, never changed. */

import type { Kysely } from "kysely";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { CabinSummary } from "../../actors/domain/projection.ts";
import type { StagingDatabase } from "./flight-staging.ts";

export type FlightPart = "destination" | "times" | "aircraft" | "cabins" | "fares";

/** A flight on sale that the import would have otherwise. */
export interface Difference {
  readonly id: FlightId;
  readonly what: readonly FlightPart[];
  /** Whether somebody holds or has bought a seat on it. */
  readonly hasReservations: boolean;
}

export interface Differences {
  readonly count: number;
  /** How many of them have reservations. */
  readonly withReservations: number;
  /** Up to {@link DIFFERENCES_LISTED_MAX}, those with reservations first. */
  readonly listed: readonly Difference[];
}

/** Differences beyond these are only counted. */
const DIFFERENCES_LISTED_MAX = 100;

/** Flights that are compared at once. */
const PAGE_ROWS = 1_000;

/** Compares the staged flights that are not new. Reads only. */
export async function differences(db: Kysely<StagingDatabase>): Promise<Differences> {
  const reserved: Difference[] = [];
  const unreserved: Difference[] = [];
  const counts = { reserved: 0, unreserved: 0 };
  for (let after = ""; ; ) {
    const page = await suspects(db, after);
    for (const pair of page) {
      const what = differingParts(pair);
      if (what.length === 0) continue;
      const hasReservations = Number(pair.has_reservations) !== 0;
      counts[hasReservations ? "reserved" : "unreserved"] += 1;
      const list = hasReservations ? reserved : unreserved;
      if (list.length < DIFFERENCES_LISTED_MAX) list.push({ id: pair.id, what, hasReservations });
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ROWS) break;
    after = last.id;
  }
  return {
    count: counts.reserved + counts.unreserved,
    withReservations: counts.reserved,
    listed: [...reserved, ...unreserved].slice(0, DIFFERENCES_LISTED_MAX),
  };
}

type Pair = Awaited<ReturnType<typeof suspects>>[number];

/** A page of the known flights that are not to the letter as staged: those with sold seats among them, whose heads say so. */
function suspects(db: Kysely<StagingDatabase>, after: FlightId) {
  return db
    .selectFrom("staged_flight as staged")
    .innerJoin("flight", "flight.id", "staged.id")
    .innerJoin("flight_head as head", "head.flight_id", "staged.id")
    .select((e) => [
      "staged.id",
      "staged.destination as staged_destination",
      "staged.departs_local as staged_departs",
      "staged.arrives_local as staged_arrives",
      "staged.aircraft as staged_aircraft",
      "staged.currency as staged_currency",
      "staged.cabins as staged_cabins",
      "flight.destination",
      "flight.departs_local",
      "flight.arrives_local",
      "flight.aircraft",
      "flight.currency",
      "head.cabins",
      e
        .exists(e.selectFrom("seat_claim").select("seat").whereRef("seat_claim.flight_id", "=", "staged.id"))
        .as("has_reservations"),
    ])
    .where("staged.is_new", "=", 0)
    .where("staged.id", ">", after)
    .where((e) =>
      e.or([
        e("flight.destination", "<>", e.ref("staged.destination")),
        e("flight.departs_local", "<>", e.ref("staged.departs_local")),
        e("flight.arrives_local", "<>", e.ref("staged.arrives_local")),
        e("flight.aircraft", "<>", e.ref("staged.aircraft")),
        e("flight.currency", "<>", e.ref("staged.currency")),
        e("head.cabins", "<>", e.ref("staged.cabins")),
      ]),
    )
    .orderBy("staged.id")
    .limit(PAGE_ROWS)
    .execute();
}

function differingParts(pair: Pair): FlightPart[] {
  const staged = JSON.parse(pair.staged_cabins) as CabinSummary[];
  const current = JSON.parse(pair.cabins) as CabinSummary[];
  const sizes = (cabins: readonly CabinSummary[]) => cabins.map(({ cabin, capacity }) => `${cabin}${capacity}`).join();
  const fares = (cabins: readonly CabinSummary[]) =>
    new Map(cabins.map(({ cabin, lowestFare }) => [cabin, lowestFare]));
  const stagedFares = fares(staged);
  const parts: FlightPart[] = [];
  if (pair.destination !== pair.staged_destination) parts.push("destination");
  // Local times have their offsets, so that they say the instant as well.
  if (pair.departs_local !== pair.staged_departs || pair.arrives_local !== pair.staged_arrives) parts.push("times");
  if (pair.aircraft !== pair.staged_aircraft) parts.push("aircraft");
  // The layout is not compared: one that was made by a later version of the rules is no change of the flight.
  if (sizes(staged) !== sizes(current)) parts.push("cabins");
  const isPricedOtherwise = [...fares(current)].some(([cabin, fare]) => (stagedFares.get(cabin) ?? fare) !== fare);
  if (isPricedOtherwise || pair.currency !== pair.staged_currency) parts.push("fares");
  return parts;
}

/** Owns which seats are chosen for passengers who named none. */

import { present } from "../assert.ts";
import type { HoldArgs, HoldPassenger } from "./command.ts";
import { keptFromExits } from "./exit-rows.ts";
import { fareOf } from "./plan.ts";
import { seatNear } from "./seat-near.ts";
import { type Need, PartySeats } from "./seat-party.ts";
import { RowChoice } from "./seat-row-choice.ts";
import { countOf, type SeatRow, seatRows } from "./seat-rows.ts";
import { seatSingles } from "./seat-singles.ts";
import type { FlightState } from "./state.ts";

/**
 * Chooses for all, or for none. In this order: a child never sits at an exit, nor on a lap there, and beside an adult of its party wherever the
 * cabin has such seats; the party sits side by side in one row, then in one row, then near each other, those who named their
 * seats included; no free seat is left lone in its block where the choice allows; no aisle runs through the party.
 *
 * `prefer.cabin` binds. Without it the party gets the cabin in which some of it named seats, then the one with the lowest fare,
 * that has seats for all of them; only if none has, it is spread over several. `prefer.together: false` frees the adults from
 * sitting together, not the children from sitting beside one.
 *
 * The same state and arguments always give the same seats.
 *
 * @param named for each passenger the index of the seat that they named, which is free, or null
 * @returns for each passenger a seat index (null for infants), or null when not enough seats are free
 */
export function chooseSeats(
  state: FlightState,
  args: HoldArgs,
  named: readonly (number | null)[],
): readonly (number | null)[] | null {
  if (!args.passengers.some(({ type }) => type === "INF")) return choose(state, args, named, false);
  const kept = keptFromExits(args.passengers);
  const isChild = args.passengers.map(
    ({ type }, ordinal) => kept[ordinal] === true && type === "ADT" && (named[ordinal] ?? null) === null,
  );
  if (!isChild.includes(true)) return choose(state, args, named, false);
  // Where there is no room for the whole party away from the exits, only those are kept from them who must be.
  const passengers = args.passengers.map((each, ordinal) =>
    isChild[ordinal] === true ? { ...each, type: "CHD" as const } : each,
  );
  return choose(state, args, named, true) ?? choose(state, { ...args, passengers }, named, false);
}

/** @param isKept whether all of the party is kept from the exits */
function choose(
  state: FlightState,
  args: HoldArgs,
  named: readonly (number | null)[],
  isKept: boolean,
): readonly (number | null)[] | null {
  const need = needOf(args.passengers, named);
  if (need.adults + need.children === 0) return named;

  const { seatPlan } = state.plan;
  const party = new PartySeats(state, seatRows(seatPlan), { hasAdult: args.passengers.some(isAdult), isKept });
  const freeByCabin = Int32Array.from(state.freeByCabin);
  named.forEach((seat, ordinal) => {
    if (seat === null) return;
    party.name(seat, args.passengers[ordinal]?.type === "CHD");
    const cabin = seatPlan.cabinIndex[seat] ?? 0;
    freeByCabin[cabin] = (freeByCabin[cabin] ?? 0) - 1;
  });
  if (isKept) {
    party.rows.byCabin.forEach((rows, cabin) => {
      freeByCabin[cabin] = rows.reduce((sum, row) => sum + countOf(party.freeIn(row)), 0);
    });
  }

  const isApart = args.prefer?.together === false;
  const cabins = cabinsInOrder(state, args, isApart && need.children === 0 ? [] : named);
  const free = cabins.reduce((sum, cabin) => sum + (freeByCabin[cabin] ?? 0), 0);
  if (free < need.adults + need.children) return null;

  const seated =
    seatInOne(party, cabins, freeByCabin, need, isApart) ?? seatAcross(party, cabins, freeByCabin, need, isApart);
  return seated === null ? null : assigned(args.passengers, named, seated);
}

function isAdult({ type }: HoldPassenger): boolean {
  return type === "ADT";
}

/** How many seats are still to be chosen: infants have none. */
function needOf(passengers: readonly HoldPassenger[], named: readonly (number | null)[]): Need {
  let adults = 0;
  let children = 0;
  for (const [ordinal, { type }] of passengers.entries()) {
    if ((named[ordinal] ?? null) !== null) continue;
    if (type === "ADT") adults += 1;
    else if (type === "CHD") children += 1;
  }
  return { adults, children };
}

/** Indices of the cabins that may be used, the one to try first before the others. */
function cabinsInOrder(state: FlightState, { prefer }: HoldArgs, named: readonly (number | null)[]): readonly number[] {
  const { plan } = state;
  const { cabins, cabinIndex } = plan.seatPlan;
  if (prefer?.cabin !== undefined) return cabins.flatMap((cabin, at) => (cabin === prefer.cabin ? [at] : []));
  const byFare = cabins
    .map((cabin, at) => ({ at, fare: fareOf(plan, cabin) }))
    .sort((a, b) => a.fare - b.fare)
    .map(({ at }) => at);
  const ofNamed = named.flatMap((seat) => (seat === null ? [] : [cabinIndex[seat] ?? 0]));
  return ofNamed.length === 0 ? byFare : [...new Set([...ofNamed, ...byFare])];
}

/** The party with all of them seated in the first cabin that has seats for all, or null. */
function seatInOne(
  party: PartySeats,
  cabins: readonly number[],
  freeByCabin: ArrayLike<number>,
  need: Need,
  isApart: boolean,
): PartySeats | null {
  for (const cabin of cabins) {
    if ((freeByCabin[cabin] ?? 0) < need.adults + need.children) continue;
    const seated = seatInCabin(party, cabin, need, isApart);
    if (seated !== null) return seated;
  }
  return null;
}

/** The party with all of them seated, as many as possible in each cabin in turn, or null. */
function seatAcross(
  party: PartySeats,
  cabins: readonly number[],
  freeByCabin: ArrayLike<number>,
  need: Need,
  isApart: boolean,
): PartySeats | null {
  const places = cabins.map((cabin) => {
    const rows = party.rows.byCabin[cabin] ?? [];
    const forChildren = rows.reduce((sum, row) => sum + countOf(party.freeIn(row) & ~row.exits), 0);
    return { seats: freeByCabin[cabin] ?? 0, forChildren };
  });
  let best: PartySeats | null = null;
  let tried = 0;
  for (const parts of splits(places, need)) {
    const seated = cabins.reduce<PartySeats | null>((seated, cabin, at) => {
      const part = parts[at] ?? NOBODY;
      if (seated === null || part.adults + part.children === 0) return seated;
      return seatInCabin(seated, cabin, part, isApart);
    }, party);
    if (seated !== null && (best === null || seated.loneliness() < best.loneliness())) best = seated;
    tried += 1;
    if (best?.loneliness() === 0 || tried === SPLITS_MAX) break;
  }
  return best;
}

/** How many ways of sharing a party among cabins are tried for one in which every child has an adult beside it. */
const SPLITS_MAX = 8;

const NOBODY: Need = { adults: 0, children: 0 };

interface Places {
  readonly seats: number;
  /** Those that are not at an exit. */
  readonly forChildren: number;
}

/** How many go into each cabin, in every way that has place for all: adults with the children first, and the first cabins as full as that allows. */
function* splits(places: readonly Places[], need: Need): Generator<readonly Need[]> {
  const seats = places.reduce((sum, each) => sum + each.seats, 0);
  const forChildren = places.reduce((sum, each) => sum + each.forChildren, 0);
  if (seats < need.adults + need.children || forChildren < need.children) return;
  const [here, ...others] = places;
  if (here === undefined) {
    yield [];
    return;
  }
  const ways: { readonly part: Need; readonly rest: Need; readonly apart: number; readonly size: number }[] = [];
  for (let children = 0; children <= Math.min(need.children, here.forChildren); children++) {
    for (let adults = 0; adults <= Math.min(need.adults, here.seats - children); adults++) {
      const part = { adults, children };
      const rest = { adults: need.adults - adults, children: need.children - children };
      ways.push({ part, rest, apart: withoutAdult(part) + withoutAdult(rest), size: adults + children });
    }
  }
  for (const { part, rest } of ways.sort((a, b) => a.apart - b.apart || b.size - a.size)) {
    for (const parts of splits(others, rest)) yield [part, ...parts];
  }
}

/** Children who can't sit beside an adult however they sit: an adult has two sides. */
function withoutAdult({ adults, children }: Need): number {
  return Math.max(0, children - 2 * adults);
}

/** The party with all of them seated in the cabin, or null. Leaves the party that it is given as it was. */
function seatInCabin(party: PartySeats, cabin: number, need: Need, isApart: boolean): PartySeats | null {
  const own = party.isEmpty ? [] : party.rowsIn(cabin);
  const count = need.adults + need.children;
  if ((isApart && need.children === 0) || (count === 1 && own.length === 0)) {
    return seatSingles(party, cabin, count, need.children > 0);
  }

  const inRow = party.copy();
  const choice = new RowChoice(inRow, need);
  if (own.length > 0) {
    for (const row of own) choice.consider(row, party.freeIn(row));
  } else {
    considerAll(choice, party.rows.byCabin[cabin] ?? [], party);
  }
  const isInRow = choice.settle();
  if (isInRow && inRow.loneliness() === 0) return inRow;

  const near = seatNear(party, cabin, need);
  if (!isInRow) return near;
  return near !== null && near.loneliness() < inRow.loneliness() ? near : inRow;
}

/** Shows the choice one row of each kind: those with the same free seats are equally good, and the foremost comes first. */
function considerAll(choice: RowChoice, rows: readonly SeatRow[], party: PartySeats): void {
  const shown = new Set<number>();
  let last = -1;
  for (const row of rows) {
    const free = party.freeIn(row);
    const kind = row.kind + free;
    if (free === 0 || kind === last || shown.has(kind)) continue;
    shown.add(kind);
    last = kind;
    choice.consider(row, free);
    if (choice.isPerfect) return;
  }
}

/** Gives the chosen seats to the passengers in their order, front to back. */
function assigned(
  passengers: readonly HoldPassenger[],
  named: readonly (number | null)[],
  { adults, children }: PartySeats,
): readonly (number | null)[] {
  const forAdults = adults.toSorted((a, b) => a - b).values();
  const forChildren = children.toSorted((a, b) => a - b).values();
  return passengers.map(({ type }, ordinal) => {
    const own = named[ordinal] ?? null;
    if (own !== null || type === "INF") return own;
    return present((type === "ADT" ? forAdults : forChildren).next().value, "a seat for each passenger");
  });
}

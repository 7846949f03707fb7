/** Owns what rows of free seats can offer to a party, row by row and added up, so that the narrowest stretch that is enough can be found. */

import { present } from "../assert.ts";
import type { PartySeats } from "./seat-party.ts";
import { countOf, firstOf, type SeatRow } from "./seat-rows.ts";

/** Children beside an adult: two with the adult between them (a triple), or one (a pair). */
export interface Groups {
  readonly triples: number;
  readonly pairs: number;
}

const SEATS = 0;
/** Seats that are not at an exit. */
const FOR_CHILDREN = 1;
/** How many triples find place, or else pairs. */
const TRIPLES = 2;
const PAIRS = 3;
/** Runs of odd length from three on: a triple in one of them costs a single pair, anywhere else two. */
const ODD_RUNS = 4;
const FIELDS = 5;

export class Offers {
  readonly rows: readonly SeatRow[];
  readonly #party: PartySeats;
  /** By row, {@link FIELDS} numbers each, worked out when the row is first counted in. */
  readonly #byRow: Uint8Array;
  readonly #isKnown: Uint8Array;
  readonly #total = new Int32Array(FIELDS);

  constructor(party: PartySeats, rows: readonly SeatRow[]) {
    this.rows = rows;
    this.#party = party;
    this.#byRow = new Uint8Array(rows.length * FIELDS);
    this.#isKnown = new Uint8Array(rows.length);
  }

  /** Counts all rows out. */
  clear(): void {
    this.#total.fill(0);
  }

  /** Counts the row in. */
  add(at: number): void {
    if (this.#isKnown[at] === 0) this.#workOut(at);
    if (this.#byRow[at * FIELDS + SEATS] === 0) return;
    for (let field = 0; field < FIELDS; field++) {
      this.#total[field] = this.#of(field) + (this.#byRow[at * FIELDS + field] ?? 0);
    }
  }

  /** Counts the row out. */
  drop(at: number): void {
    if (this.#byRow[at * FIELDS + SEATS] === 0) return;
    for (let field = 0; field < FIELDS; field++) {
      this.#total[field] = this.#of(field) - (this.#byRow[at * FIELDS + field] ?? 0);
    }
  }

  /** Whether the rows counted in seat that many, `grouped` of the children beside an adult. */
  isEnough(adults: number, children: number, grouped: number): boolean {
    return this.#of(SEATS) >= adults + children && this.groupsFor(adults, children, grouped) !== null;
  }

  /** Groups with as few triples as possible that put `grouped` of the children beside adults in the rows counted in, or null. */
  groupsFor(adults: number, children: number, grouped: number): Groups | null {
    for (let triples = Math.max(0, grouped - adults); 2 * triples <= grouped; triples++) {
      const pairs = grouped - 2 * triples;
      // The adult of a group sits where a child could.
      if (this.#of(FOR_CHILDREN) < children + triples + pairs) continue;
      const cost = Math.min(triples, this.#of(ODD_RUNS)) + 2 * Math.max(0, triples - this.#of(ODD_RUNS));
      const isPlace = triples <= this.#of(TRIPLES) && pairs + cost <= this.#of(PAIRS);
      if (triples + pairs <= adults && isPlace) return { triples, pairs };
    }
    return null;
  }

  /** How many of the children the rows counted in can put beside an adult. */
  mostGrouped(adults: number, children: number): number {
    for (let grouped = children; grouped > 0; grouped--) {
      if (this.groupsFor(adults, children, grouped) !== null) return grouped;
    }
    return 0;
  }

  #of(field: number): number {
    return this.#total[field] ?? 0;
  }

  #workOut(at: number): void {
    this.#isKnown[at] = 1;
    const row = present(this.rows[at], "a row of the cabin");
    const free = this.#party.freeIn(row);
    const forChildren = free & ~row.exits;
    let triples = 0;
    let pairs = 0;
    let oddRuns = 0;
    for (let rest = forChildren; rest !== 0; ) {
      const length = firstOf(~(rest >> firstOf(rest)));
      rest &= rest + (rest & -rest);
      triples += Math.floor(length / 3);
      pairs += length >> 1;
      if (length >= 3) oddRuns += length & 1;
    }
    const from = at * FIELDS;
    this.#byRow[from + SEATS] = countOf(free);
    this.#byRow[from + FOR_CHILDREN] = countOf(forChildren);
    this.#byRow[from + TRIPLES] = triples;
    this.#byRow[from + PAIRS] = pairs;
    this.#byRow[from + ODD_RUNS] = oddRuns;
  }
}

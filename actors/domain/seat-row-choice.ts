/** Owns which seats of which one row suit passengers best: near each other, children beside an adult, no lone seat left over. */

import { lonelinessIn, type Need, type PartySeats, type RowParty } from "./seat-party.ts";
import { countOf, firstOf, lastOf, loneIn, type SeatRow } from "./seat-rows.ts";

/** Gathers the best choice over the rows that it is shown; of equal ones the first shown stays. */
export class RowChoice {
  readonly #party: PartySeats;
  readonly #need: Need;
  /** The row of the best choice; null as long as no row had enough seats. */
  #row: SeatRow | null = null;
  #adults = 0;
  #children = 0;
  /** How much worse children would sit in that row than before, or better if negative; see {@link lonelinessIn}. */
  #loneliness = Number.POSITIVE_INFINITY;
  #strain = Number.POSITIVE_INFINITY;

  constructor(party: PartySeats, need: Need) {
    this.#party = party;
    this.#need = need;
  }

  /** Nothing shown later can be better for two or more: all side by side in one block, no seat left lone. */
  get isPerfect(): boolean {
    return this.#loneliness === 0 && this.#strain <= 0;
  }

  /**
   * Weighs every way of seating all that are needed in this row, on seats with no free one between them.
   * @param usable which of the row's free seats may be chosen. @default all
   */
  consider(row: SeatRow, free: number, usable = free): void {
    const { adults, children } = this.#need;
    const allowed = adults === 0 ? usable & ~row.exits : usable;
    let rest = allowed;
    let window = 0;
    for (let seated = 0; seated < adults + children; seated++) {
      if (rest === 0) return;
      window |= rest & -rest;
      rest &= rest - 1;
    }
    const party = this.#party.in(row);
    const lone = loneIn(free, row.linked);
    for (;;) {
      this.#weigh(row, free, lone, window, party);
      if (rest === 0) return;
      window = (window & (window - 1)) | (rest & -rest);
      rest &= rest - 1;
    }
  }

  /** Gives the best choice to the party. False if there is none. */
  settle(): boolean {
    if (this.#row === null) return false;
    this.#party.choose(this.#row, this.#adults, this.#children);
    return true;
  }

  #weigh(row: SeatRow, free: number, lone: number, window: number, party: RowParty): void {
    const { linked } = row;
    const together = window | party.adults | party.children;
    const strain =
      (lastOf(together) - firstOf(together) + 1 - countOf(together)) * STRAIN.hole +
      countOf(loneIn(free & ~window, linked) & ~lone) * STRAIN.loneLeft +
      countOf(together & (together >> 1) & ~linked) * STRAIN.crossing -
      countOf(lone & window);
    // Only children who sit in the row already can be helped by it.
    if (this.#loneliness <= 0 && party.children === 0 && strain >= this.#strain) return;

    const allowed = window & ~row.exits;
    for (let children = this.#need.children === 0 ? 0 : allowed; ; children = (children - 1) & allowed) {
      if (countOf(children) === this.#need.children) {
        const seated = { adults: party.adults | (window & ~children), children: party.children | children };
        const loneliness = this.#party.hasAdult ? lonelinessIn(seated, linked) - lonelinessIn(party, linked) : 0;
        this.#take(row, window, children, loneliness, strain);
      }
      if (children === 0) return;
    }
  }

  #take(row: SeatRow, window: number, children: number, loneliness: number, strain: number): void {
    if (loneliness > this.#loneliness || (loneliness === this.#loneliness && strain >= this.#strain)) return;
    this.#row = row;
    this.#adults = window & ~children;
    this.#children = children;
    this.#loneliness = loneliness;
    this.#strain = strain;
  }
}

/**
 * What speaks against a choice, in order of weight: seats of others in between, an aisle in between, lone seats left over. A lone
 * seat that is filled speaks for it, by one. Each outweighs all that come after it.
 */
const STRAIN = { hole: 2 ** 14, crossing: 2 ** 10, loneLeft: 2 ** 4 };

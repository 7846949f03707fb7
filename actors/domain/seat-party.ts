/** Owns the seats that one party has so far: those that it named, and those chosen for it since. */

import { beside, countOf, firstOf, type SeatRow, type SeatRows } from "./seat-rows.ts";
import type { FlightState } from "./state.ts";

/** Who is still to be seated. */
export interface Need {
  readonly adults: number;
  readonly children: number;
}

/** The party's own seats in one row, as masks. */
export interface RowParty {
  readonly adults: number;
  readonly children: number;
}

export interface PartyNature {
  /** A party without adults can't have its children beside one, and nothing is given up for it. */
  readonly hasAdult: boolean;
  /** Nobody of it is given a seat at an exit. */
  readonly isKept: boolean;
}

const NOBODY: RowParty = { adults: 0, children: 0 };

export class PartySeats {
  readonly state: FlightState;
  readonly rows: SeatRows;
  readonly nature: PartyNature;
  /** Seat indices that were chosen, not named. */
  readonly adults: number[] = [];
  readonly children: number[] = [];
  readonly #byRow = new Map<number, RowParty>();

  constructor(state: FlightState, rows: SeatRows, nature: PartyNature) {
    this.state = state;
    this.rows = rows;
    this.nature = nature;
  }

  get hasAdult(): boolean {
    return this.nature.hasAdult;
  }

  copy(): PartySeats {
    const copied = new PartySeats(this.state, this.rows, this.nature);
    copied.adults.push(...this.adults);
    copied.children.push(...this.children);
    for (const [order, row] of this.#byRow) copied.#byRow.set(order, row);
    return copied;
  }

  /** Adds a seat that one of the party asked for by name. */
  name(seat: number, isChild: boolean): void {
    const bit = 1 << (this.rows.columnOfSeat[seat] ?? 0);
    this.#add(this.rows.rowOfSeat[seat] ?? 0, isChild ? 0 : bit, isChild ? bit : 0);
  }

  /** Adds chosen seats of one row, as masks. */
  choose(row: SeatRow, adults: number, children: number): void {
    this.#add(row.order, adults, children);
    for (let rest = adults; rest !== 0; rest &= rest - 1) this.adults.push(row.seats[firstOf(rest)] ?? -1);
    for (let rest = children; rest !== 0; rest &= rest - 1) this.children.push(row.seats[firstOf(rest)] ?? -1);
  }

  get isEmpty(): boolean {
    return this.#byRow.size === 0;
  }

  in(row: SeatRow): RowParty {
    return this.#byRow.get(row.order) ?? NOBODY;
  }

  /** The row's seats that the party may have, and has not already. */
  freeIn(row: SeatRow): number {
    const free = this.state.freeInRow(row.order) & (this.nature.isKept ? ~row.exits : ~0);
    if (this.#byRow.size === 0) return free;
    const { adults, children } = this.in(row);
    return free & ~(adults | children);
  }

  /** The party's rows in the cabin. */
  rowsIn(cabin: number): SeatRow[] {
    return [...this.#byRow.keys()].flatMap((order) => this.rows.all[order] ?? []).filter((row) => row.cabin === cabin);
  }

  /** How badly the children sit, in all rows: see {@link lonelinessIn}. */
  loneliness(): number {
    if (!this.hasAdult) return 0;
    let loneliness = 0;
    for (const [order, party] of this.#byRow) {
      loneliness += lonelinessIn(party, this.rows.all[order]?.linked ?? 0);
    }
    return loneliness;
  }

  #add(order: number, adults: number, children: number): void {
    const before = this.#byRow.get(order) ?? NOBODY;
    this.#byRow.set(order, { adults: before.adults | adults, children: before.children | children });
  }
}

/** A child beside nobody weighs more than any number of them with an aisle between. */
const NOBODY_BESIDE = 16;

/** How badly children sit: nothing for one beside an adult, one for an aisle in between, {@link NOBODY_BESIDE} for no adult at all. */
export function lonelinessIn({ adults, children }: RowParty, linked: number): number {
  if (children === 0) return 0;
  const beyondAisle = children & ~beside(children, adults, linked);
  const alone = beyondAisle & ~((adults << 1) | (adults >> 1));
  return countOf(beyondAisle) + countOf(alone) * (NOBODY_BESIDE - 1);
}

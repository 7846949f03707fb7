/** Owns the seats that one party has so far: those that it named, and those chosen for it since. */

import { beside, countOf, type SeatRow, type SeatRows } from "./seat-rows.ts";
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

const NOBODY: RowParty = { adults: 0, children: 0 };

export class PartySeats {
  readonly state: FlightState;
  readonly rows: SeatRows;
  /** A party without adults can't have its children beside one, and nothing is given up for it. */
  readonly hasAdult: boolean;
  /** Seat indices that were chosen, not named. */
  readonly adults: number[] = [];
  readonly children: number[] = [];
  readonly #byRow = new Map<number, RowParty>();

  constructor(state: FlightState, rows: SeatRows, hasAdult: boolean) {
    this.state = state;
    this.rows = rows;
    this.hasAdult = hasAdult;
  }

  copy(): PartySeats {
    const copied = new PartySeats(this.state, this.rows, this.hasAdult);
    copied.adults.push(...this.adults);
    copied.children.push(...this.children);
    for (const [order, row] of this.#byRow) copied.#byRow.set(order, row);
    return copied;
  }

  /** Adds a seat that one of the party asked for by name. */
  name(seat: number, isChild: boolean): void {
    const order = this.rows.rowOfSeat[seat] ?? 0;
    const bit = 1 << (this.rows.columnOfSeat[seat] ?? 0);
    this.#add(order, isChild ? 0 : bit, isChild ? bit : 0);
  }

  /** Adds chosen seats of one row, as masks. */
  choose(row: SeatRow, adults: number, children: number): void {
    this.#add(row.order, adults, children);
    for (let column = 0; column < row.seats.length; column++) {
      const seat = row.seats[column] ?? -1;
      if ((adults >> column) & 1) this.adults.push(seat);
      if ((children >> column) & 1) this.children.push(seat);
    }
  }

  get isEmpty(): boolean {
    return this.#byRow.size === 0;
  }

  in(row: SeatRow): RowParty {
    return this.#byRow.get(row.order) ?? NOBODY;
  }

  /** The row's seats that are neither taken nor the party's already. */
  freeIn(row: SeatRow): number {
    const free = this.state.freeInRow(row.order);
    if (this.#byRow.size === 0) return free;
    const { adults, children } = this.in(row);
    return free & ~(adults | children);
  }

  /** The party's rows in the cabin. */
  rowsIn(cabin: number): SeatRow[] {
    return [...this.#byRow.keys()].flatMap((order) => this.rows.all[order] ?? []).filter((row) => row.cabin === cabin);
  }

  /** How many rows lie between this one and the nearest of the party's; 0 when it has none yet. */
  distanceTo({ order }: SeatRow): number {
    let nearest = Number.POSITIVE_INFINITY;
    for (const own of this.#byRow.keys()) nearest = Math.min(nearest, Math.abs(own - order));
    return nearest === Number.POSITIVE_INFINITY ? 0 : nearest;
  }

  /** How badly the children are seated, in all rows: see {@link lonelinessIn}. */
  loneliness(): number {
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

/** One for each child with an adult only across the aisle, two for each with none beside it at all. */
export function lonelinessIn({ adults, children }: RowParty, linked: number): number {
  if (children === 0) return 0;
  const apart = children & ~beside(children, adults, linked);
  return countOf(apart) + countOf(apart & ~((adults << 1) | (adults >> 1)));
}

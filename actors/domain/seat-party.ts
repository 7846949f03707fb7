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

const NOBODY: RowParty = { adults: 0, children: 0 };

export class PartySeats {
  readonly state: FlightState;
  readonly rows: SeatRows;
  /** A party without adults can't have its children beside one, and nothing is given up for it. */
  readonly hasAdult: boolean;
  /** Seat indices that were chosen, not named. */
  readonly adults: number[] = [];
  readonly children: number[] = [];
  readonly #named: { readonly seat: number; readonly isChild: boolean }[] = [];
  readonly #byRow = new Map<number, RowParty>();

  constructor(state: FlightState, rows: SeatRows, hasAdult: boolean) {
    this.state = state;
    this.rows = rows;
    this.hasAdult = hasAdult;
  }

  copy(): PartySeats {
    const copied = this.#unseated();
    for (const seat of this.adults) copied.seat(seat, false);
    for (const seat of this.children) copied.seat(seat, true);
    return copied;
  }

  /** Adds a seat that one of the party asked for by name. */
  name(seat: number, isChild: boolean): void {
    this.#named.push({ seat, isChild });
    this.#add(seat, isChild);
  }

  /** Adds a chosen seat. */
  seat(seat: number, isChild: boolean): void {
    (isChild ? this.children : this.adults).push(seat);
    this.#add(seat, isChild);
  }

  /** Adds chosen seats of one row, as masks. */
  choose(row: SeatRow, adults: number, children: number): void {
    for (let rest = adults | children; rest !== 0; rest &= rest - 1) {
      const column = firstOf(rest);
      this.seat(row.seats[column] ?? -1, ((children >> column) & 1) === 1);
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

  /** How badly the children sit, in all rows: see {@link lonelinessIn}. */
  loneliness(): number {
    if (!this.hasAdult) return 0;
    let loneliness = 0;
    for (const [order, party] of this.#byRow) {
      loneliness += lonelinessIn(party, this.rows.all[order]?.linked ?? 0);
    }
    return loneliness;
  }

  /** The same party on the same seats, some of its children and adults changed so that the children sit best. */
  reseated(): PartySeats {
    const seats = [...this.adults, ...this.children];
    const lonelinessWith = this.#lonelinessOn(seats);
    const fit = seats.reduce((mask, seat, at) => (this.#isAtExit(seat) ? mask : mask | (1 << at)), 0);
    const now = (2 ** this.children.length - 1) << this.adults.length;
    let best = now;
    let least = this.hasAdult ? lonelinessWith(now) : 0;
    for (let children = fit; children !== 0 && least > 0; children = (children - 1) & fit) {
      if (countOf(children) !== this.children.length) continue;
      const loneliness = lonelinessWith(children);
      if (loneliness >= least) continue;
      least = loneliness;
      best = children;
    }
    if (best === now) return this;
    const reseated = this.#unseated();
    for (const [at, seat] of seats.entries()) reseated.seat(seat, ((best >> at) & 1) === 1);
    return reseated;
  }

  /** How badly children sit in the rows of these chosen seats if they get those whose positions are set in the mask. */
  #lonelinessOn(seats: readonly number[]): (children: number) => number {
    const orders = [...new Set(seats.map((seat) => this.#orderOf(seat)))];
    const rows = orders.map((order) => {
      const own = seats.flatMap((seat, at) => (this.#orderOf(seat) === order ? [{ at, bit: this.#bitOf(seat) }] : []));
      const others = ~own.reduce((mask, { bit }) => mask | bit, 0);
      const { adults, children } = this.#byRow.get(order) ?? NOBODY;
      const named = { adults: adults & others, children: children & others };
      return { own, named, linked: this.rows.all[order]?.linked ?? 0 };
    });
    return (children) => {
      let loneliness = 0;
      for (const { own, named, linked } of rows) {
        const party = { ...named };
        for (const { at, bit } of own) {
          if (((children >> at) & 1) === 1) party.children |= bit;
          else party.adults |= bit;
        }
        loneliness += lonelinessIn(party, linked);
      }
      return loneliness;
    };
  }

  /** The party before any seat was chosen for it. */
  #unseated(): PartySeats {
    const party = new PartySeats(this.state, this.rows, this.hasAdult);
    for (const { seat, isChild } of this.#named) party.name(seat, isChild);
    return party;
  }

  #isAtExit(seat: number): boolean {
    return ((this.rows.all[this.#orderOf(seat)]?.exits ?? 0) & this.#bitOf(seat)) !== 0;
  }

  #orderOf(seat: number): number {
    return this.rows.rowOfSeat[seat] ?? 0;
  }

  #bitOf(seat: number): number {
    return 1 << (this.rows.columnOfSeat[seat] ?? 0);
  }

  #add(seat: number, isChild: boolean): void {
    const order = this.#orderOf(seat);
    const bit = this.#bitOf(seat);
    const { adults, children } = this.#byRow.get(order) ?? NOBODY;
    this.#byRow.set(order, isChild ? { adults, children: children | bit } : { adults: adults | bit, children });
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

/** Owns how a plan's seats lie beside each other: its rows as bit masks, worked out once for each plan. */

import { assert, present } from "../assert.ts";
import { EXIT, type PlannedSeat, type SeatPlan } from "./plan.ts";

/** Columns of one cabin: what fits a mask. */
const COLUMNS_MAX = 30;

/** A row of one cabin. Bit `p` of a mask is the seat in the cabin's column `p`, counted from the left. */
export interface SeatRow {
  /** Position among all rows of the plan, front to back. */
  readonly order: number;
  /** Index into the plan's cabins. */
  readonly cabin: number;
  /** Seat indices by column; -1 where this row has no seat. */
  readonly seats: Int32Array;
  /** The seats that there are. */
  readonly all: number;
  /** Bit `p` is set if no aisle and no gap lies between columns `p` and `p + 1`: they are neighbours in one block. */
  readonly linked: number;
  readonly exits: number;
  /** The same for rows whose seats, links and exits are the same; plus a mask of the row it is different for every such mask. */
  readonly kind: number;
}

export interface SeatRows {
  /** Front to back. */
  readonly all: readonly SeatRow[];
  readonly byCabin: readonly (readonly SeatRow[])[];
  /** For each seat its row, as a position in `all`, and its column in that row. */
  readonly rowOfSeat: Int32Array;
  readonly columnOfSeat: Uint8Array;
}

const rowsByPlan = new WeakMap<SeatPlan, SeatRows>();

export function seatRows(plan: SeatPlan): SeatRows {
  const known = rowsByPlan.get(plan);
  if (known !== undefined) return known;
  const rows = workOut(plan);
  rowsByPlan.set(plan, rows);
  return rows;
}

/** Those of the seats that have a neighbour in their own block among `others`. */
export function beside(seats: number, others: number, linked: number): number {
  return seats & (((others & linked) << 1) | ((others >> 1) & linked));
}

/** Those of the free seats whose neighbours in their own block are all taken, or not there. */
export function loneIn(free: number, linked: number): number {
  return free & ~beside(free, free, linked);
}

export function countOf(mask: number): number {
  let rest = mask - ((mask >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The leftmost column of a mask that is not empty. */
export function firstOf(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}

/** The rightmost column of a mask that is not empty. */
export function lastOf(mask: number): number {
  return 31 - Math.clz32(mask);
}

function workOut(plan: SeatPlan): SeatRows {
  const seatsByRow = new Map<string, number[]>();
  plan.seats.forEach(({ row, cabin }, index) => {
    const name = `${row}/${cabin}`;
    const seats = seatsByRow.get(name);
    if (seats === undefined) seatsByRow.set(name, [index]);
    else seats.push(index);
  });
  const rows = [...seatsByRow.values()].sort((a, b) => plan.at(firstIn(a)).row - plan.at(firstIn(b)).row);
  const cabins = plan.cabins.map((_, cabin) => {
    const ofCabin = rows.filter((seats) => plan.cabinIndex[firstIn(seats)] === cabin);
    const columns = [...new Set(ofCabin.flat().map((seat) => plan.at(seat).column))].sort((a, b) => (a < b ? -1 : 1));
    assert(columns.length <= COLUMNS_MAX, () => `a cabin has at most ${COLUMNS_MAX} columns`);
    const fullest = ofCabin.reduce((most, seats) => (seats.length > most.length ? seats : most));
    return { columns, linked: linkedIn(columns.map((column) => seatIn(plan, fullest, column))) };
  });

  const shapes = new Map<string, number>();
  const all = rows.map((inRow, order): SeatRow => {
    const cabin = plan.cabinIndex[firstIn(inRow)] ?? 0;
    const { columns, linked } = present(cabins[cabin], "a cabin of the plan");
    const planned = columns.map((column) => seatIn(plan, inRow, column));
    const there = maskOf(planned, (seat) => seat !== null);
    const rowLinked = linked & there & (there >> 1);
    const exits = maskOf(planned, (seat) => seat?.features.includes(EXIT) === true);
    return {
      order,
      cabin,
      all: there,
      seats: Int32Array.from(planned, (seat) => (seat === null ? -1 : (plan.indexOf(seat.seat) ?? -1))),
      linked: rowLinked,
      exits,
      kind: numberOf(shapes, `${cabin} ${there} ${exits}`) * 2 ** columns.length,
    };
  });
  const rowOfSeat = new Int32Array(plan.capacity);
  const columnOfSeat = new Uint8Array(plan.capacity);
  for (const { order, seats } of all) {
    seats.forEach((seat, column) => {
      if (seat < 0) return;
      rowOfSeat[seat] = order;
      columnOfSeat[seat] = column;
    });
  }
  return {
    all,
    byCabin: plan.cabins.map((_, cabin) => all.filter((row) => row.cabin === cabin)),
    rowOfSeat,
    columnOfSeat,
  };
}

/**
 * Which columns have no aisle on their right. A seat at an aisle has it on its right, unless an aisle on its left explains it
 * already: so `C` and `D` of `ABC DEF` are in two blocks, while `D` and `G` of `A DG K`, both at an aisle too, are in one.
 */
function linkedIn(fullestRow: readonly (PlannedSeat | null)[]): number {
  let linked = 0;
  let isAisleLeft = false;
  fullestRow.forEach((seat, column) => {
    const isAisleRight = seat?.features.includes("AISLE") === true && !isAisleLeft;
    if (!isAisleRight) linked |= 1 << column;
    isAisleLeft = isAisleRight;
  });
  return linked;
}

function maskOf(planned: readonly (PlannedSeat | null)[], test: (seat: PlannedSeat | null) => boolean): number {
  return planned.reduce((mask, seat, column) => (test(seat) ? mask | (1 << column) : mask), 0);
}

function numberOf(numbers: Map<string, number>, name: string): number {
  const known = numbers.get(name) ?? numbers.size;
  numbers.set(name, known);
  return known;
}

function seatIn(plan: SeatPlan, inRow: readonly number[], column: string): PlannedSeat | null {
  const index = inRow.find((seat) => plan.at(seat).column === column);
  return index === undefined ? null : plan.at(index);
}

function firstIn(inRow: readonly number[]): number {
  return present(inRow[0], "a row has a seat");
}

/** Owns where seats are drawn: rows, columns and aisles, worked out from what the seats say of themselves. */

import type { Seat } from "./seat-store.ts";

/** Drawing units; one is about a CSS pixel on a phone. */
export const SEAT_HEIGHT = 30;
const SEAT_WIDTH = 28;
const SEAT_WIDTH_MAX = 46;
const GAP = 4;
const AISLE = 26;
export const ROW_PITCH = 36;
/** An exit row has more room in front. */
const EXIT_SPACE = 14;
const CABIN_SPACE = 62;
/** Cabin wall and window line on either side. */
export const WALL = 16;
const NOSE = 96;
const TAIL = 56;

export interface PlacedSeat {
  readonly seat: Seat;
  readonly x: number;
  readonly width: number;
}

export interface PlacedRow {
  readonly row: number;
  readonly y: number;
  readonly isExit: boolean;
  readonly seats: readonly PlacedSeat[];
}

export interface PlacedCabin {
  readonly cabin: string;
  /** Where its title stands. */
  readonly y: number;
  readonly rows: readonly PlacedRow[];
  /** Column letters over the first row. */
  readonly columns: readonly { readonly letter: string; readonly x: number }[];
  /** Middles of the aisles, where row numbers stand. */
  readonly aisles: readonly number[];
  /** Side by side without an aisle between: `["ABC", "DEF"]`. */
  readonly blocks: readonly string[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly cabins: readonly PlacedCabin[];
}

export function layoutOf(seats: readonly Seat[]): Layout {
  const cabins = groupBy(seats, ({ cabin }) => cabin).map(([cabin, its]) => ({
    cabin,
    seats: its,
    blocks: blocksOf(its),
  }));
  const natural = ({ blocks }: { readonly blocks: readonly string[] }): number => widthOf(blocks, SEAT_WIDTH);
  const inner = Math.max(...cabins.map(natural), 0);
  const width = inner + 2 * WALL;
  let y = NOSE;
  const placed = cabins.map(({ cabin, seats: its, blocks }, at): PlacedCabin => {
    if (at > 0) y += CABIN_SPACE;
    // A cabin of fewer seats has wider ones, as in the aircraft.
    const letters = blocks.join("").length;
    const seatWidth = Math.min(SEAT_WIDTH_MAX, SEAT_WIDTH + (inner - widthOf(blocks, SEAT_WIDTH)) / letters);
    const { xByLetter, aisles } = columnsOf(blocks, seatWidth, (width - widthOf(blocks, seatWidth)) / 2);
    const top = y;
    const rows = groupBy(its, ({ row }) => String(row)).map(([row, inRow]): PlacedRow => {
      const isExit = inRow.some(({ features }) => features.includes("EXIT"));
      if (isExit) y += EXIT_SPACE;
      const here = { row: Number(row), y, isExit, seats: inRow.map((seat) => placeOf(seat, xByLetter, seatWidth)) };
      y += ROW_PITCH;
      return here;
    });
    const columns = Array.from(xByLetter, ([letter, x]) => ({ letter, x: x + seatWidth / 2 }));
    return { cabin, y: top, rows, columns, aisles, blocks };
  });
  return { width, height: y + TAIL, cabins: placed };
}

function placeOf(seat: Seat, xByLetter: ReadonlyMap<string, number>, width: number): PlacedSeat {
  return { seat, x: xByLetter.get(seat.column) ?? 0, width };
}

function columnsOf(blocks: readonly string[], seatWidth: number, left: number) {
  const xByLetter = new Map<string, number>();
  const aisles: number[] = [];
  let x = left;
  for (const [at, block] of blocks.entries()) {
    if (at > 0) {
      aisles.push(x - GAP + (AISLE + GAP) / 2);
      x += AISLE;
    }
    for (const letter of block) {
      xByLetter.set(letter, x);
      x += seatWidth + GAP;
    }
  }
  return { xByLetter, aisles };
}

function widthOf(blocks: readonly string[], seatWidth: number): number {
  return blocks.join("").length * (seatWidth + GAP) - GAP + (blocks.length - 1) * AISLE;
}

/** Letters of a cabin from left to right, parted where an aisle is: each aisle seat has its aisle on one side, and windows have none. */
export function blocksOf(seats: readonly Seat[]): readonly string[] {
  const isAisle = new Map<string, boolean>();
  for (const { column, features } of seats) {
    isAisle.set(column, features.includes("AISLE") || (isAisle.get(column) ?? false));
  }
  const letters = [...isAisle.keys()].sort((a, b) => (a < b ? -1 : 1));
  const blocks: string[] = [];
  let block = "";
  let hasItsAisle = false;
  for (const [at, letter] of letters.entries()) {
    block += letter;
    const next = letters[at + 1];
    const opens: boolean =
      next !== undefined && isAisle.get(letter) === true && isAisle.get(next) === true && !hasItsAisle;
    if (opens) {
      blocks.push(block);
      block = "";
    }
    hasItsAisle = opens;
  }
  blocks.push(block);
  return blocks;
}

/** In the order in which the keys come first. */
export function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly [string, Item[]][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups];
}

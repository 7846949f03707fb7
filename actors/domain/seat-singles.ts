/** Owns seats for passengers who need not sit together: lone seats are filled first, and no new one is left where avoidable. */

import { present } from "../assert.ts";
import type { PartySeats } from "./seat-party.ts";
import { beside, countOf, loneIn } from "./seat-rows.ts";

/** Which of a row's free seats to take next, as a mask; 0 if none suits. */
type Pick = (free: number, usable: number, linked: number, left: number) => number;

/** Tried in turn. Seat by seat one may be left over for whom there is only half a pair, where with whole pairs there is a place for all. */
const WAYS: readonly (readonly Pick[])[] = [
  [pickLone, pickLeavingNone],
  [pickLone, pickLonePair, pickLeavingNone],
  [pickLone, pickLeavingNone, pickAny],
];

/**
 * Chooses `count` seats of the cabin, for adults, or for children who have no adult with them.
 * @returns the party with all of them seated; null if the cabin has too few, or too few that are fit for children
 */
export function seatSingles(party: PartySeats, cabin: number, count: number, areChildren: boolean): PartySeats | null {
  for (const way of WAYS) {
    const seated = party.copy();
    if (pickAll(seated, cabin, count, areChildren, way)) return seated;
  }
  return null;
}

function pickAll(
  party: PartySeats,
  cabin: number,
  count: number,
  areChildren: boolean,
  picks: readonly Pick[],
): boolean {
  const rows = party.rows.byCabin[cabin] ?? [];
  const freeByRow = new Int32Array(rows.length);
  let row = 0;
  for (const each of rows) freeByRow[row++] = party.freeIn(each);
  let left = count;
  for (const pick of picks) {
    for (let at = 0; at < rows.length && left > 0; ) {
      const row = present(rows[at], "a row of the cabin");
      const free = freeByRow[at] ?? 0;
      const picked = pick(free, areChildren ? free & ~row.exits : free, row.linked, left);
      if (picked === 0) {
        at++;
        continue;
      }
      party.choose(row, areChildren ? 0 : picked, areChildren ? picked : 0);
      freeByRow[at] = free & ~picked;
      left -= countOf(picked);
    }
  }
  return left === 0;
}

function pickLone(free: number, usable: number, linked: number): number {
  const lone = loneIn(free, linked) & usable;
  return lone & -lone;
}

/** One seat, or two neighbours where as many are needed, without which no other seat becomes lone. */
function pickLeavingNone(free: number, usable: number, linked: number, left: number): number {
  for (let rest = usable; rest !== 0; rest &= rest - 1) {
    const seat = rest & -rest;
    if (leavesNone(free, seat, linked)) return seat;
    const pair = pairFrom(seat, usable, linked, left);
    if (pair !== 0 && leavesNone(free, pair, linked)) return pair;
  }
  return 0;
}

/** Two free neighbours who have no other: one of them alone would leave the other lone. */
function pickLonePair(free: number, usable: number, linked: number, left: number): number {
  for (let rest = usable; rest !== 0; rest &= rest - 1) {
    const pair = pairFrom(rest & -rest, usable, linked, left);
    if (pair !== 0 && beside(free & ~pair, pair, linked) === 0) return pair;
  }
  return 0;
}

/** The seat and its right neighbour, if both are needed and to be had; 0 otherwise. */
function pairFrom(seat: number, usable: number, linked: number, left: number): number {
  const pair = seat | (seat << 1);
  return left >= 2 && (seat & linked) !== 0 && (pair & ~usable) === 0 ? pair : 0;
}

function leavesNone(free: number, taken: number, linked: number): boolean {
  return (loneIn(free & ~taken, linked) & ~loneIn(free, linked)) === 0;
}

function pickAny(_free: number, usable: number): number {
  return usable & -usable;
}

/** Owns seats for passengers who need not sit together: lone seats are filled first, and no new one is left where avoidable. */

import { present } from "../assert.ts";
import type { PartySeats } from "./seat-party.ts";
import { countOf, loneIn } from "./seat-rows.ts";

/**
 * Chooses `count` seats of the cabin, for adults, or for children who have no adult with them.
 * @returns false if the cabin has too few, or too few that are fit for children
 */
export function seatSingles(party: PartySeats, cabin: number, count: number, areChildren: boolean): boolean {
  const rows = party.rows.byCabin[cabin] ?? [];
  const freeByRow = new Int32Array(rows.length);
  let row = 0;
  for (const each of rows) freeByRow[row++] = party.freeIn(each);
  let left = count;
  for (const pick of [pickLone, pickLeavingNone, pickAny]) {
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
  const lone = loneIn(free, linked);
  for (let rest = usable; rest !== 0; rest &= rest - 1) {
    const seat = rest & -rest;
    if ((loneIn(free & ~seat, linked) & ~lone) === 0) return seat;
    const pair = seat | (seat << 1);
    const isPair = left >= 2 && (seat & linked) !== 0 && (pair & ~usable) === 0;
    if (isPair && (loneIn(free & ~pair, linked) & ~lone) === 0) return pair;
  }
  return 0;
}

function pickAny(_free: number, usable: number): number {
  return usable & -usable;
}

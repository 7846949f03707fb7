/** Owns proposals of seats by wish, for those who choose without the picture: together, by window or aisle, in a part of the cabin. */

import { blocksOf, groupBy } from "./layout.ts";
import type { Seat } from "./seat-store.ts";

export type PlaceWish = "any" | "window" | "aisle";
export type AreaWish = "any" | "front" | "middle" | "back";

export interface Wishes {
  /** Null for any. */
  readonly cabin: string | null;
  readonly place: PlaceWish;
  readonly area: AreaWish;
  readonly together: boolean;
}

/** How those of a proposal sit to each other. */
export type Nearness = "single" | "sideBySide" | "sameRow" | "rowsBehind" | "apart";

export interface Proposal {
  readonly seats: readonly Seat[];
  readonly nearness: Nearness;
}

const PROPOSALS_MAX = 6;
const ROWS_MAX = 3;

/**
 * The best places for so many people, best first; no seat stands in two of them.
 * @param isAllowed whether anybody of the party may sit there, such as children at an exit
 */
export function proposals(
  seats: readonly Seat[],
  count: number,
  wishes: Wishes,
  isAllowed: (seat: Seat) => boolean,
): readonly Proposal[] {
  const cabins = groupBy(seats, ({ cabin }) => cabin).filter(
    ([cabin]) => wishes.cabin === null || cabin === wishes.cabin,
  );
  const found: { readonly proposal: Proposal; readonly cost: number }[] = [];
  for (const [order, [, its]] of cabins.entries()) {
    const free = its.filter((seat) => seat.state.peek() === "free" && isAllowed(seat));
    const last = Math.max(...its.map(({ row }) => row));
    const first = Math.min(...its.map(({ row }) => row));
    const inArea = free.filter(({ row }) => isIn(wishes.area, (row - first) / Math.max(1, last - first)));
    const candidates =
      wishes.together && count > 1 ? togetherIn(its, inArea, count) : apartIn(inArea, count, wishes.place);
    for (const proposal of candidates) {
      if (!fits(proposal, wishes.place)) continue;
      // The cheapest cabin comes last in the aircraft: proposals come from there unless another is wished for.
      found.push({ proposal, cost: COST[proposal.nearness] + (cabins.length - order) * 1_000 });
    }
  }
  found.sort((a, b) => a.cost - b.cost);
  const taken = new Set<string>();
  const best: Proposal[] = [];
  for (const { proposal } of found) {
    if (proposal.seats.some(({ name }) => taken.has(name))) continue;
    for (const { name } of proposal.seats) taken.add(name);
    best.push(proposal);
    if (best.length === PROPOSALS_MAX) break;
  }
  return best;
}

const COST: Readonly<Record<Nearness, number>> = { single: 0, sideBySide: 0, sameRow: 10, rowsBehind: 20, apart: 0 };

function isIn(area: AreaWish, share: number): boolean {
  if (area === "front") return share <= 1 / 3;
  if (area === "middle") return share >= 1 / 3 && share <= 2 / 3;
  return area === "any" || share >= 2 / 3;
}

function fits({ seats, nearness }: Proposal, place: PlaceWish): boolean {
  if (place === "any") return true;
  const feature = place === "window" ? "WINDOW" : "AISLE";
  const has = ({ features }: Seat): boolean => features.includes(feature);
  return nearness === "apart" ? seats.every(has) : seats.some(has);
}

/** Blocks of one to three rows: side by side, over an aisle, or one row behind the other. */
function togetherIn(all: readonly Seat[], free: readonly Seat[], count: number): readonly Proposal[] {
  const blocks = blocksOf(all);
  const letters = blocks.join("");
  const blockOf = (letter: string): number => blocks.findIndex((block) => block.includes(letter));
  const byPlace = new Map(free.map((seat) => [`${seat.row} ${seat.column}`, seat]));
  const rows = [...new Set(all.map(({ row }) => row))].sort((a, b) => a - b);
  const found: Proposal[] = [];
  for (let deep = 1; deep <= Math.min(ROWS_MAX, count); deep++) {
    const wide = Math.ceil(count / deep);
    for (const [at] of rows.entries()) {
      for (let left = 0; left + wide <= letters.length; left++) {
        const columns = [...letters.slice(left, left + wide)];
        const seats: Seat[] = [];
        for (const row of rows.slice(at, at + deep)) {
          for (const column of columns) {
            const seat = byPlace.get(`${row} ${column}`);
            if (seat !== undefined && seats.length < count) seats.push(seat);
          }
        }
        if (seats.length < count || !isFilled(seats, wide)) continue;
        const isOneBlock = blockOf(columns[0] ?? "") === blockOf(columns.at(-1) ?? "");
        // Over an aisle and over rows at once is not together any more.
        if (deep > 1 && !isOneBlock) continue;
        found.push({ seats, nearness: deep > 1 ? "rowsBehind" : isOneBlock ? "sideBySide" : "sameRow" });
      }
    }
  }
  return found;
}

/** Every row but the last is full, or somebody would sit behind a stranger. */
function isFilled(seats: readonly Seat[], wide: number): boolean {
  const rows = groupBy(seats, ({ row }) => String(row));
  return rows.every(([, inRow], at) => inRow.length === wide || at === rows.length - 1);
}

function apartIn(free: readonly Seat[], count: number, place: PlaceWish): readonly Proposal[] {
  const feature = place === "window" ? "WINDOW" : place === "aisle" ? "AISLE" : null;
  const fitting = feature === null ? free : free.filter(({ features }) => features.includes(feature));
  const found: Proposal[] = [];
  for (let at = 0; at + count <= fitting.length && found.length < PROPOSALS_MAX; at += count) {
    found.push({ seats: fitting.slice(at, at + count), nearness: count === 1 ? "single" : "apart" });
  }
  return found;
}

/** Owns where a place stands: in the order in which people are let in, and how many of those before it are people. */

import type { Gap, Glance } from "./room-store.ts";

/** How many people joined: places that were given out, without those that a loss skipped. */
export function joinedOf({ seqHigh, gaps }: Pick<Glance, "seqHigh" | "gaps">): number {
  return seqHigh - skipped(gaps, 0, seqHigh);
}

/** How many people's places were reached. */
export function calledOf({ admitted, gaps }: Pick<Glance, "admitted" | "gaps">): number {
  return joinedOf({ seqHigh: admitted, gaps });
}

/** How many are let in before whoever has `place`, and then this one: 1 is next. */
export function positionOf(
  place: number,
  { admitted, gaps, frozen }: Pick<Glance, "admitted" | "gaps" | "frozen">,
): number {
  return Math.max(1, place - admitted - skipped(gaps, Math.max(admitted, frozen ?? 0), place - 1));
}

/** The threshold once `people` more are let in: places that nobody has are passed over. */
export function raisedBy(
  people: number,
  { admitted, gaps, frozen }: Pick<Glance, "admitted" | "gaps" | "frozen">,
): number {
  let threshold = admitted + people;
  for (const { from, to } of gaps) {
    // Within a line that was drawn, places without people are scattered.
    if (from <= (frozen ?? 0) || to <= admitted) continue;
    if (threshold >= from - 1) threshold += to - Math.max(admitted, from - 1);
  }
  return threshold;
}

/** Places after `above` and up to `upTo` that nobody has. */
function skipped(gaps: readonly Gap[], above: number, upTo: number): number {
  return gaps.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, upTo) - Math.max(from - 1, above)), 0);
}

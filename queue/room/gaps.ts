/** Owns the places that losses of the store have skipped: how they are written down, and put together from several memories. */

import type { Gap } from "./room-store.ts";

/** `from-to`, by commas; the scripts of Redis write it as well. */
export function gapsText(gaps: readonly Gap[]): string {
  return gaps.map(({ from, to }) => `${from}-${to}`).join(",");
}

/** @param text as {@link gapsText} makes it */
export function gapsIn(text: string): readonly Gap[] {
  return text === ""
    ? []
    : text.split(",").map((gap) => {
        const [from, to] = gap.split("-");
        return { from: Number(from), to: Number(to) };
      });
}

/** Every place that is in one of them, once; by rising places. */
export function mergedGaps(gaps: readonly Gap[]): readonly Gap[] {
  const merged: Gap[] = [];
  for (const gap of gaps.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || gap.from > last.to) merged.push(gap);
    else merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, gap.to) };
  }
  return merged;
}

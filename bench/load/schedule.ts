/** Owns when requests are meant to be sent: worked out before the first of them, so that no answer, however late, moves one. */
import { assert } from "../../actors/assert.ts";
import { seededRandom } from "../../deploy/seeded-random.ts";

/** `fixed`: evenly. `poisson`: as people come who don't know of each other. `burst`: all of them within a short time. */
export type Arrivals =
  | { readonly kind: "fixed"; readonly ratePerSecond: number; readonly durationMs: number }
  | { readonly kind: "poisson"; readonly ratePerSecond: number; readonly durationMs: number; readonly seed: number }
  | { readonly kind: "burst"; readonly count: number; readonly withinMs: number; readonly seed: number };

/** 8 bytes each: 80 MB. */
export const ARRIVALS_MAX = 10_000_000;

/** Milliseconds from the start, rising. */
export function scheduleOf(arrivals: Arrivals): Float64Array {
  switch (arrivals.kind) {
    case "fixed":
      return fixed(arrivals.ratePerSecond, arrivals.durationMs);
    case "poisson":
      return poisson(arrivals.ratePerSecond, arrivals.durationMs, seededRandom(arrivals.seed));
    case "burst":
      return burst(arrivals.count, arrivals.withinMs, seededRandom(arrivals.seed));
  }
}

/** How long arrivals go on. */
export function lengthMs(arrivals: Arrivals): number {
  return arrivals.kind === "burst" ? arrivals.withinMs : arrivals.durationMs;
}

function fixed(ratePerSecond: number, durationMs: number): Float64Array {
  const count = checked(Math.floor((ratePerSecond * durationMs) / 1_000));
  return Float64Array.from({ length: count }, (_, at) => (at * 1_000) / ratePerSecond);
}

function poisson(ratePerSecond: number, durationMs: number, random: () => number): Float64Array {
  const times: number[] = [];
  const gapMs = (): number => (-Math.log(1 - random()) * 1_000) / ratePerSecond;
  for (let atMs = gapMs(); atMs < durationMs; atMs += gapMs()) {
    times.push(atMs);
    checked(times.length);
  }
  return Float64Array.from(times);
}

function burst(count: number, withinMs: number, random: () => number): Float64Array {
  return Float64Array.from({ length: checked(count) }, () => random() * withinMs).sort();
}

function checked(count: number): number {
  assert(count > 0 && count <= ARRIVALS_MAX, `a schedule has 1 to ${ARRIVALS_MAX} arrivals, not ${count}`);
  return count;
}

/** Owns how fast a room lets people in: a little faster while the flight keeps up, much slower when it doesn't (AIMD; Chiu & Jain 1989). */

/** What a flight says of itself, or that it says nothing. */
export interface LoadReading {
  /** 95 % of its commands waited no longer before they were decided, in milliseconds. */
  readonly waitP95Ms: number;
  /** Commands that were refused as OVERLOADED. */
  readonly overloaded: number;
}

export type PaceReason = "steady" | "at the limit" | "slow" | "overloaded" | "silent";

export interface PaceStep {
  readonly perMinute: number;
  readonly reason: PaceReason;
}

/** A flight whose commands wait longer than this is behind, in milliseconds. A lone hold takes a few. */
export const WAIT_TARGET_MS = 100;

/** What is left of the pace when the flight is behind. */
const SLOWER = 0.7;

/** The pace of a flight that says nothing, and the least of all, as a share of the limit. */
const FLOOR = 0.05;

/** Where it begins, and how much of the limit is added each second: it is there half a minute later. */
const BEGIN = 0.25;
const FASTER = 1 / 30;

export class Pace {
  #perMinute: number | null = null;

  /** As it is. */
  current(limit: number): number {
    return Math.min(limit, this.#perMinute ?? Math.max(1, limit * BEGIN));
  }

  /**
   * One second later.
   * @param limit passes a minute at most
   * @param load null: nothing was heard of the flight for a while
   */
  next(limit: number, load: LoadReading | null): PaceStep {
    const floor = Math.max(1, limit * FLOOR);
    const [wanted, reason] = stepOf(this.current(limit), limit, floor, load);
    this.#perMinute = Math.min(limit, Math.max(floor, wanted));
    return { perMinute: this.#perMinute, reason };
  }
}

function stepOf(current: number, limit: number, floor: number, load: LoadReading | null): [number, PaceReason] {
  if (load === null) return [floor, "silent"];
  if (load.overloaded > 0) return [current * SLOWER, "overloaded"];
  if (load.waitP95Ms > WAIT_TARGET_MS) return [current * SLOWER, "slow"];
  if (current >= limit) return [limit, "at the limit"];
  return [current + Math.max(1, limit * FASTER), "steady"];
}

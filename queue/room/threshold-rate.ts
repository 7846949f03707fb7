/** Owns how fast a room lets people in, as it was measured, and the time that follows from it for those who wait. */

/** A range of time: half of those who wait are there after `p50`, nine of ten after `p90`. In seconds. */
export interface Estimate {
  readonly p50: number;
  readonly p90: number;
}

/** How much of the past counts, and in which pieces it is measured, in milliseconds. */
const HISTORY_MS = 300_000;
const PIECE_MS = 10_000;

/** Fewer pieces than this say too little. */
const PIECES_MIN = 3;

/** What nobody has measured yet is said carefully: nine of ten times at least half as fast as the pace. */
const CAREFUL = 2;

/** As far as anybody should plan. */
const ESTIMATE_S_MAX = 7 * 86_400;

interface Sample {
  readonly atMs: number;
  readonly admitted: number;
}

export class ThresholdRate {
  /** The latest of each piece of time, oldest first. */
  #samples: Sample[] = [];

  /** @param admitted people let in so far, without places that nobody has */
  note(admitted: number, atMs: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs - last.atMs < PIECE_MS) return;
    this.#samples.push({ atMs, admitted });
    if (atMs - (this.#samples[0]?.atMs ?? atMs) > HISTORY_MS) this.#samples.shift();
  }

  /**
   * When it is the turn of the one who is `position`th; null while nobody is let in.
   * @param pacePerMinute how fast the room means to let people in, for as long as too little was measured
   */
  estimate(position: number, pacePerMinute: number): Estimate | null {
    const rates = this.#perSecond();
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length);
    const pace = pacePerMinute / 60;
    const isMeasured = rates.length >= PIECES_MIN && mean > 0;
    if (!isMeasured) return pace > 0 ? rangeOf(position, pace, pace / CAREFUL) : null;
    // Pieces in which nobody was let in happen, but not for ever.
    return rangeOf(position, quantile(rates, 0.5) || mean, Math.max(quantile(rates, 0.1), mean / (2 * CAREFUL)));
  }

  /** For each piece of time how many were let in a second, the slowest first. */
  #perSecond(): number[] {
    const rates: number[] = [];
    for (let at = 1; at < this.#samples.length; at++) {
      const [from, to] = [this.#samples[at - 1], this.#samples[at]];
      if (from === undefined || to === undefined) continue;
      rates.push(((to.admitted - from.admitted) * 1_000) / (to.atMs - from.atMs));
    }
    return rates.sort((a, b) => a - b);
  }
}

function rangeOf(position: number, usual: number, slow: number): Estimate {
  return { p50: seconds(position / usual), p90: seconds(position / Math.min(usual, slow)) };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}

function seconds(value: number): number {
  return Math.min(ESTIMATE_S_MAX, Math.max(1, Math.ceil(value)));
}

/** Owns how fast a room lets people in, as it was measured, and the time that follows from it for those who wait. */

/** A range of time: half of those who wait are there after `p50`, nine of ten after `p90`. In seconds. */
export interface Estimate {
  readonly p50: number;
  readonly p90: number;
}

/** How soon passes make room for others at the latest: when they run out. */
export interface Turnover {
  /** Passes that can be given now. */
  readonly free: number;
  /** Passes that run out a second when all are given. */
  readonly perSecond: number;
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
  /** Whether the line moved all the time since the one before. */
  readonly isMeasure: boolean;
}

export class ThresholdRate {
  /** The latest of each piece of time, oldest first. */
  #samples: Sample[] = [];
  /** Whether the line has moved all the time since the latest. */
  #isMoving = true;

  /**
   * @param admitted people let in so far, without places that nobody has
   * @param isMoving whether people wait and the room lets them in as fast as it may: how few come to a quiet room says nothing of how fast a
   * line moves
   */
  note(admitted: number, atMs: number, isMoving = true): void {
    this.#isMoving &&= isMoving;
    const last = this.#samples.at(-1);
    if (last !== undefined && atMs - last.atMs < PIECE_MS) return;
    this.#samples.push({ atMs, admitted, isMeasure: this.#isMoving });
    this.#isMoving = isMoving;
    if (atMs - (this.#samples[0]?.atMs ?? atMs) > HISTORY_MS) this.#samples.shift();
  }

  /**
   * When it is the turn of the one who is `position`th; null while nobody is let in.
   * @param pacePerMinute how fast the room means to let people in, for as long as too little was measured
   * @param turnover what that pace has to wait for where all passes are given; null: nobody knows
   */
  estimate(position: number, pacePerMinute: number, turnover: Turnover | null = null): Estimate | null {
    const rates = this.#perSecond();
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length);
    const pace = pacePerMinute / 60;
    const isMeasured = rates.length >= PIECES_MIN && mean > 0;
    if (!isMeasured) return pace > 0 ? slower(rangeOf(position, pace, pace / CAREFUL), position, turnover) : null;
    // Pieces in which nobody was let in happen, but not for ever.
    return rangeOf(position, quantile(rates, 0.5) || mean, Math.max(quantile(rates, 0.1), mean / (2 * CAREFUL)));
  }

  /** For each piece of time in which the line moved how many were let in a second, the slowest first. */
  #perSecond(): number[] {
    const rates: number[] = [];
    for (let at = 1; at < this.#samples.length; at++) {
      const [from, to] = [this.#samples[at - 1], this.#samples[at]];
      if (from === undefined || to === undefined || !to.isMeasure) continue;
      rates.push(((to.admitted - from.admitted) * 1_000) / (to.atMs - from.atMs));
    }
    return rates.sort((a, b) => a - b);
  }
}

function rangeOf(position: number, usual: number, slow: number): Estimate {
  return { p50: seconds(position / usual), p90: seconds(position / Math.min(usual, slow)) };
}

/** Whoever comes after the passes that are free waits for others' to end: by when they run out, and often half as long. */
function slower({ p50, p90 }: Estimate, position: number, turnover: Turnover | null): Estimate {
  const behind = turnover === null ? 0 : Math.max(0, position - turnover.free);
  if (turnover === null || behind === 0 || turnover.perSecond <= 0) return { p50, p90 };
  const latest = behind / turnover.perSecond;
  return { p50: Math.max(p50, seconds(latest / CAREFUL)), p90: Math.max(p90, seconds(latest)) };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}

function seconds(value: number): number {
  return Math.min(ESTIMATE_S_MAX, Math.max(1, Math.ceil(value)));
}

/** Owns the distribution of latencies: fixed memory, whatever is recorded, and readings at most 0.8 % above the exact value. */

/** Readings below 2^8 µs are exact; above, each doubling is divided into 2^7 equal buckets (the log-linear layout of HdrHistogram). */
const EXACT_BITS = 8;
const BUCKETS_A_DOUBLING = 1 << (EXACT_BITS - 1);

/** The longest latency that is told from a longer one: 2^31 − 1 µs, about 36 minutes. */
export const LATENCY_US_MAX = 0x7fff_ffff;

export class Histogram {
  readonly #counts = new Uint32Array(bucketOf(LATENCY_US_MAX) + 1);
  #total = 0;
  #maxUs = 0;

  /** Adds one latency in microseconds, which is rounded to a whole one and kept within 0 … {@link LATENCY_US_MAX}. */
  record(latencyUs: number): void {
    const us = Math.min(Math.max(Math.round(latencyUs), 0), LATENCY_US_MAX);
    const bucket = bucketOf(us);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total++;
    if (us > this.#maxUs) this.#maxUs = us;
  }

  get total(): number {
    return this.#total;
  }

  /** The largest latency, exact to a microsecond; 0 when nothing was recorded. */
  get maxUs(): number {
    return this.#maxUs;
  }

  /**
   * The latency in microseconds that `percent` (0 … 100) of the readings don't exceed, by nearest rank; 0 when nothing was
   * recorded. It errs upwards only: it is the highest value of the reading's bucket.
   */
  percentileUs(percent: number): number {
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#total));
    let seen = 0;
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= rank) return Math.min(highestOf(bucket), this.#maxUs);
    }
    return this.#maxUs;
  }
}

function bucketOf(us: number): number {
  const shift = Math.max(0, 32 - EXACT_BITS - Math.clz32(us));
  return shift * BUCKETS_A_DOUBLING + (us >>> shift);
}

function highestOf(bucket: number): number {
  const shift = Math.max(0, Math.floor(bucket / BUCKETS_A_DOUBLING) - 1);
  return (bucket - shift * BUCKETS_A_DOUBLING + 1) * 2 ** shift - 1;
}

/** Owns the highest value of the latest moments: what a look now and then would miss. */

/** A value counts for so long at least, and twice that at most, in milliseconds. */
const SPAN_MS = 1_000;

export class HighWater {
  #sinceMs = Number.NEGATIVE_INFINITY;
  #highest = 0;
  #highestBefore = 0;

  /** @param nowMs by the monotonic clock */
  note(value: number, nowMs: number): void {
    this.#turn(nowMs);
    if (value > this.#highest) this.#highest = value;
  }

  read(nowMs: number): number {
    this.#turn(nowMs);
    return Math.max(this.#highest, this.#highestBefore);
  }

  #turn(nowMs: number): void {
    const sinceMs = nowMs - this.#sinceMs;
    if (sinceMs < SPAN_MS) return;
    this.#highestBefore = sinceMs < 2 * SPAN_MS ? this.#highest : 0;
    this.#highest = 0;
    this.#sinceMs = nowMs;
  }
}

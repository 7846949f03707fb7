/**
 * Owns when a page that waits for an opening shows the room its ticket once more. If the room has lost its places meanwhile, that of who
 * shows none before the freeze would be nobody's in the list that is drawn from.
 */

/**
 * Between these, in milliseconds before the opening: late, so that few losses come after it, and spread, so that not everybody comes in
 * the same second. The line of a million is frozen 17 seconds before the opening.
 */
const FROM_MS = 120_000;
const TO_MS = 20_000;

export class HandIn {
  readonly #fraction: () => number;
  #opensAtMs: number | null = null;
  #dueMs = Number.POSITIVE_INFINITY;

  /** @param fraction by chance, from 0 to 1 */
  constructor(fraction: () => number) {
    this.#fraction = fraction;
  }

  /** The room has just given the ticket, or been shown it. @param opensAtMs null: nobody knows */
  done(opensAtMs: number | null, nowMs: number): void {
    this.#opensAtMs = opensAtMs;
    this.#plan(nowMs);
    if (opensAtMs !== null && nowMs >= opensAtMs - FROM_MS) this.#dueMs = Number.POSITIVE_INFINITY;
  }

  /** The room could not be reached. */
  missed(nowMs: number): void {
    this.#plan(nowMs);
  }

  /** Whether it is time: once for each time of an opening. */
  isDue(opensAtMs: number | null, nowMs: number): boolean {
    if (opensAtMs !== this.#opensAtMs) {
      this.#opensAtMs = opensAtMs;
      this.#plan(nowMs);
    }
    if (nowMs < this.#dueMs) return false;
    this.#dueMs = Number.POSITIVE_INFINITY;
    return true;
  }

  #plan(nowMs: number): void {
    const opensAtMs = this.#opensAtMs ?? Number.NEGATIVE_INFINITY;
    const [fromMs, toMs] = [Math.max(nowMs, opensAtMs - FROM_MS), opensAtMs - TO_MS];
    this.#dueMs = fromMs < toMs ? fromMs + this.#fraction() * (toMs - fromMs) : Number.POSITIVE_INFINITY;
  }
}

/** Owns the longest time that a request may take: whoever waits gets an answer, whatever hangs behind it. */

import type { Clock, Timer } from "../../actors/clock.ts";

/** How much later than its limit a request may end, as a share of the limit: one timer serves all requests. */
const LATENESS = 1 / 8;

interface Waiting {
  readonly endsAtMs: number;
  readonly giveUp: () => void;
}

export class TimeLimit {
  readonly #clock: Clock;
  readonly #limitMs: number;
  /** In the order in which they began, which is the order in which they end. */
  readonly #waiting = new Set<Waiting>();
  #timer: Timer | null = null;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /** The answer, or what `late` makes when it doesn't come in time; what is late goes on, and nobody hears of it. */
  guard<Answer>(answer: Promise<Answer>, late: () => Answer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        endsAtMs: this.#clock.monotonicMs() + this.#limitMs,
        giveUp: () => resolve(late()),
      };
      this.#waiting.add(waiting);
      this.#timer ??= this.#arm();
      answer.then(
        (value) => {
          this.#waiting.delete(waiting);
          resolve(value);
        },
        (error) => {
          this.#waiting.delete(waiting);
          reject(error);
        },
      );
    });
  }

  #arm(): Timer {
    return this.#clock.after(this.#limitMs * LATENESS, () => this.#sweep());
  }

  #sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const waiting of this.#waiting) {
      if (waiting.endsAtMs > nowMs) break;
      this.#waiting.delete(waiting);
      waiting.giveUp();
    }
    this.#timer = this.#waiting.size > 0 ? this.#arm() : null;
  }
}

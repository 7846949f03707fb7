/** Owns a view of a test's clock that counts the timers set through it, so that one part's can be told from all others. */

import type { Clock, Timer } from "../../actors/clock.ts";

export class OwnTimers implements Clock {
  /** How many timers are waiting. */
  pending = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  after(delayMs: number, call: () => void): Timer {
    let isWaiting = true;
    const end = (): void => {
      if (isWaiting) this.pending -= 1;
      isWaiting = false;
    };
    this.pending += 1;
    const timer = this.#clock.after(delayMs, () => {
      end();
      call();
    });
    return {
      cancel: () => {
        end();
        timer.cancel();
      },
    };
  }

  soon(call: () => void): void {
    this.#clock.soon(call);
  }
}

/** Owns the one timer of the sandbox: what is due is read from the store each time, so that a restart forgets nothing. */

import type { Clock, Timer } from "../../../actors/clock.ts";
import type { Log } from "../../../actors/telemetry.ts";

/** Timers of the platform overflow at 2^31 ms; a longer sleep is taken in parts. */
const SLEEP_MS_MAX = 3_600_000;

/** How long after a failure it rings again, in milliseconds. */
export const RETRY_MS = 5_000;

export class Alarm {
  readonly #clock: Clock;
  readonly #log: Log;
  #nextDueMs: () => number | null;
  readonly #ring: () => void;
  #timer: Timer | null = null;
  #ringsSoon = false;

  /** `ring` is called when the moment that `nextDueMs` names has come; what it leaves undone is still due, and rings again. */
  constructor(clock: Clock, log: Log, nextDueMs: () => number | null, ring: () => void) {
    this.#clock = clock;
    this.#log = log;
    this.#nextDueMs = nextDueMs;
    this.#ring = ring;
  }

  /** To be called whenever something may have become due earlier. */
  set(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#orLater(() => {
      const dueMs = this.#nextDueMs();
      if (dueMs === null || this.#ringsSoon) return;
      const delayMs = dueMs - this.#clock.nowMs();
      if (delayMs > 0) {
        this.#timer = this.#clock.after(Math.min(delayMs, SLEEP_MS_MAX), () => this.#rung());
      } else {
        // Not at once: whoever caused it is answered first.
        this.#ringsSoon = true;
        this.#clock.soon(() => this.#rung());
      }
    });
  }

  stop(): void {
    this.#nextDueMs = () => null;
    this.set();
  }

  #rung(): void {
    this.#ringsSoon = false;
    this.#orLater(() => {
      if (this.#nextDueMs() === null) return;
      this.#ring();
      this.set();
    });
  }

  /** The file may be locked by whoever looks into it with a tool, or its disk be full: nobody else hears of it here, and it may pass. */
  #orLater(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#log.error({ err: error }, "the sandbox could not do what was due");
      this.#timer = this.#clock.after(RETRY_MS, () => this.#rung());
    }
  }
}

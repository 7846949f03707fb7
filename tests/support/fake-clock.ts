/** Owns the clock of the tests: time stands still until a test advances it, and timers fire in the order of their deadlines. */

import { assert } from "../../actors/assert.ts";
import type { Clock, Timer } from "../../actors/clock.ts";

/** More than this in one advance() is a timer that re-arms itself without letting time pass. */
const FIRED_PER_ADVANCE_MAX = 100_000;

interface PendingTimer {
  readonly dueMs: number;
  readonly call: () => void;
}

export class FakeClock implements Clock {
  readonly #startMs: number;
  #nowMs: number;
  /** Sorted by deadline; those of one deadline stand in the order in which they were set. */
  readonly #timers: PendingTimer[] = [];

  /** @param startMs Milliseconds since the Unix epoch. @default 2030-01-01T00:00:00Z */
  constructor(startMs: number = Date.UTC(2030, 0, 1)) {
    this.#startMs = startMs;
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  after(delayMs: number, call: () => void): Timer {
    assert(!Number.isNaN(delayMs), "a delay is a number");
    const timer: PendingTimer = { dueMs: this.#nowMs + Math.max(0, delayMs), call };
    this.#timers.splice(this.#placeOf(timer.dueMs), 0, timer);
    return {
      cancel: () => {
        const at = this.#timers.indexOf(timer);
        if (at >= 0) this.#timers.splice(at, 1);
      },
    };
  }

  /** At the end of the real turn of the event loop: no time passes, so nothing has to be advanced. */
  soon(call: () => void): void {
    setImmediate(call);
  }

  /**
   * Lets `ms` pass. Each timer that becomes due is called with the clock standing at its own deadline, also those that
   * earlier ones set meanwhile. What they start asynchronously goes on when the test awaits: wait for its effect, then advance again.
   */
  advance(ms: number): void {
    assert(ms >= 0, "time doesn't run backwards");
    const untilMs = this.#nowMs + ms;
    for (let fired = 0; ; fired++) {
      const next = this.#timers[0];
      if (next === undefined || next.dueMs > untilMs) break;
      assert(fired < FIRED_PER_ADVANCE_MAX, "some timer re-arms itself for ever at the same instant");
      this.#timers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.call();
    }
    this.#nowMs = untilMs;
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.length;
  }

  /** When the next timer is due, in milliseconds since the Unix epoch, or null if none is waiting. */
  get nextDueMs(): number | null {
    return this.#timers[0]?.dueMs ?? null;
  }

  #placeOf(dueMs: number): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.#timers[middle];
      if (at !== undefined && at.dueMs <= dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

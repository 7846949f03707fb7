/** Owns the machine's clock and timers: the wall clock at the start, and monotonic time since. */

import type { Clock, Timer } from "../actors/clock.ts";

/** A step of the wall clock while the program runs moves no deadline. */
export function systemClock(): Clock {
  const startedMs = Date.now() - performance.now();
  return {
    nowMs: () => Math.floor(startedMs + performance.now()),
    monotonicMs: () => performance.now(),
    after(delayMs, call): Timer {
      const timer = setTimeout(call, delayMs);
      timer.unref();
      return { cancel: () => clearTimeout(timer) };
    },
    soon: (call) => {
      setImmediate(call);
    },
  };
}

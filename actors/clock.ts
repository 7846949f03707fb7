/** Owns the port through which everything reads time and waits: nothing else may touch the machine's clock or timers. */

/** A pending call of {@link Clock.after}. */
export interface Timer {
  /** The call won't happen any more. Harmless after it has happened. */
  cancel(): void;
}

export interface Clock {
  /** Cluster time in milliseconds since the Unix epoch. It never runs backwards within a process. */
  nowMs(): number;

  /** Milliseconds since an arbitrary start, for measuring durations only. */
  monotonicMs(): number;

  /** Calls once, `delayMs` from now. A pending call doesn't keep the process alive. */
  after(delayMs: number, call: () => void): Timer;

  /** Calls once, after the input of this turn of the event loop has been taken: what gathers "the commands of one tick" uses it. */
  soon(call: () => void): void;
}

/** Owns the port that lets one process of many do what should be done once at a time, such as following the journal. */

export interface WorkerLock {
  /**
   * Asks for the lock until it is this process's, and again after each loss.
   * @param held called when it is this process's
   * @param lost called when it may be another's by now: what was begun under it is to end
   */
  hold(held: () => void, lost: () => void): void;

  /** Lets go of it for good. */
  release(): Promise<void>;
}

/** The lock of a process that has no others beside it. */
export const alwaysHeld: WorkerLock = {
  hold: (held) => held(),
  release: () => Promise.resolve(),
};

/** Owns the port to locks for what one process of a cluster does at a time: mail, settlement, whatever follows the journal under one name. */

/**
 * It spares work, and no promise rests on it: a holder that was paused may go on for a moment when it wakes, before it learns that
 * another has the lock. What runs under it must bear to be repeated.
 */
export interface WorkerLock {
  /**
   * Takes the lock if nobody has it; null when somebody has. Never waits for it.
   * @param name at most 20 characters; locks of one name exclude each other on one database
   * @throws OperationalError UNAVAILABLE
   */
  take(name: string): Promise<HeldLock | null>;
}

export interface HeldLock {
  /** Resolves once another process may have the lock, or soon might: the connection broke, or went silent for longer than a second. */
  readonly lost: Promise<void>;

  /** Gives it up. Never fails: what can't be told to the database ends by itself. */
  release(): Promise<void>;
}

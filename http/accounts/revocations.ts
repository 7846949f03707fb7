/** Owns the port to the list of sessions whose access tokens no longer count, and the list of one process. */

import type { Clock } from "../../actors/clock.ts";
import { OldestFirst } from "../../actors/oldest-first.ts";
import type { SessionId } from "./member.ts";

export interface Revocations {
  /** Asked for every request with a token, so it answers from memory. */
  isRevoked(session: SessionId): boolean;

  /**
   * To be called once the database has it. This process refuses the session's tokens at once, and every other one that checks tokens
   * at once or, where it can't be told, a few seconds later. `atMs`: when the session was revoked.
   */
  add(session: SessionId, atMs: number): Promise<void>;
}

/** How many sessions are remembered: more than the log-ins that one process can hash while an access token lives. */
export const REVOCATIONS_MAX = 100_000;

/** The list of one process. What was revoked before the start is added from the database, so that a restart forgets nothing. */
export class MemoryRevocations implements Revocations {
  readonly #clock: Clock;
  readonly #keptMs: number;
  readonly #max: number;
  /** In the order in which they were added, and so about in that of their end. */
  readonly #endsAtMs = new OldestFirst<SessionId, number>();

  /** @param keptMs how long an access token lives: after that its `exp` refuses it anyway */
  constructor(clock: Clock, keptMs: number, max: number = REVOCATIONS_MAX) {
    this.#clock = clock;
    this.#keptMs = keptMs;
    this.#max = max;
  }

  isRevoked(session: SessionId): boolean {
    return this.#endsAtMs.has(session);
  }

  async add(session: SessionId, atMs: number): Promise<void> {
    this.#endsAtMs.set(session, atMs + this.#keptMs);
    const nowMs = this.#clock.nowMs();
    this.#endsAtMs.deleteOldest((endsAtMs) => endsAtMs <= nowMs || this.#endsAtMs.size > this.#max);
  }

  get size(): number {
    return this.#endsAtMs.size;
  }
}

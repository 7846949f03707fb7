/** Owns whether this process is the one that paces: a lease in the store, kept while it is renewed, with the fence that goes with it. */

import type { Clock } from "../../actors/clock.ts";
import type { RoomStore } from "./room-store.ts";

/** The lease outlives a missed look or two, in milliseconds; after that somebody else decides. */
const LEASE_MS = 3_000;

export class Leadership {
  readonly #store: RoomStore;
  readonly #clock: Clock;
  readonly #holder: string;
  #fence: number | null = null;

  constructor(store: RoomStore, clock: Clock, holder: string) {
    this.#store = store;
    this.#clock = clock;
    this.#holder = holder;
  }

  /** Null while somebody else leads, or nobody knows. */
  get fence(): number | null {
    return this.#fence;
  }

  /** Takes or renews the lease. @returns the fence, or null @throws what the store does */
  async hold(): Promise<number | null> {
    try {
      const lease = await this.#store.lease(this.#holder, LEASE_MS, this.#clock.nowMs());
      this.#fence = lease?.fence ?? null;
    } catch (error) {
      this.#fence = null;
      throw error;
    }
    return this.#fence;
  }

  /** Gives it back, so that the next one need not wait. Harmless where it can't be given back. */
  async leave(): Promise<void> {
    if (this.#fence === null) return;
    this.#fence = null;
    await this.#store.release(this.#holder).catch(() => {});
  }
}

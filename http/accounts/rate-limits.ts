/** Owns the port that counts attempts, and its implementation for one process. */

import type { Clock } from "../../actors/clock.ts";
import { OldestFirst } from "../../actors/oldest-first.ts";

/** So many at once, and then one more each `everyMs`. */
export interface RateLimit {
  /** Keeps the keys of one limit apart from those of another. */
  readonly name: string;
  readonly burst: number;
  readonly everyMs: number;
}

export interface RateLimits {
  /** Takes one attempt for `key`. @returns 0, or the milliseconds after which there is one again; then none was taken */
  take(limit: RateLimit, key: string): Promise<number>;

  /** Gives back one that was taken, but should not count. */
  giveBack(limit: RateLimit, key: string): Promise<void>;
}

/** 100,000 keys of the longest e-mail addresses are about 50 MB; those of IP addresses 10 MB. */
const BUCKETS_MAX = 100_000;

/**
 * In memory, one number a key: GCRA, a leaky bucket kept as the time at which it will be empty
 * (ITU-T I.371 appendix, "virtual scheduling"). A restart forgives everybody.
 */
export class MemoryRateLimits implements RateLimits {
  readonly #clock: Clock;
  readonly #bucketsMax: number;
  /** In the order of their last use: when there are too many, the one that was left alone for longest goes. */
  readonly #emptyAtMs = new OldestFirst<string, number>();

  /** @param bucketsMax how many keys are remembered. @default 100,000 */
  constructor(clock: Clock, bucketsMax: number = BUCKETS_MAX) {
    this.#clock = clock;
    this.#bucketsMax = bucketsMax;
  }

  async take(limit: RateLimit, key: string): Promise<number> {
    return this.takeNow(limit, key);
  }

  /** As {@link take}, for what must not wait a turn of the loop. */
  takeNow(limit: RateLimit, key: string): number {
    const nowMs = this.#clock.nowMs();
    const bucket = `${limit.name} ${key}`;
    const emptyAtMs = Math.max(this.#emptyAtMs.get(bucket) ?? 0, nowMs);
    const waitMs = emptyAtMs + limit.everyMs - limit.burst * limit.everyMs - nowMs;
    this.#put(bucket, waitMs > 0 ? emptyAtMs : emptyAtMs + limit.everyMs);
    return Math.max(0, waitMs);
  }

  async giveBack(limit: RateLimit, key: string): Promise<void> {
    const bucket = `${limit.name} ${key}`;
    const emptyAtMs = this.#emptyAtMs.get(bucket);
    if (emptyAtMs !== undefined) this.#put(bucket, emptyAtMs - limit.everyMs);
  }

  get size(): number {
    return this.#emptyAtMs.size;
  }

  #put(bucket: string, emptyAtMs: number): void {
    this.#emptyAtMs.set(bucket, emptyAtMs);
    this.#emptyAtMs.deleteOldest(() => this.#emptyAtMs.size > this.#bucketsMax);
  }
}

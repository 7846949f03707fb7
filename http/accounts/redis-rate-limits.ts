/** Owns how attempts are counted for all processes together, in Redis, and by each process alone while Redis is away. */

import type { Clock } from "../../actors/clock.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import type { Redis } from "../../queue/redis/redis.ts";
import { RedisScript } from "../../queue/redis/script.ts";
import attempt from "./lua/attempt.lua" with { type: "text" };
import { MemoryRateLimits, type RateLimit, type RateLimits } from "./rate-limits.ts";

/** An attempt waits no longer for a Redis that doesn't answer. */
const ANSWER_MS_MAX = 250;

const ATTEMPT = new RedisScript(attempt);

/** Counts as {@link MemoryRateLimits} does. */
export class RedisRateLimits implements RateLimits {
  readonly #redis: Redis;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  /** Each process gives as many attempts as all together should: a while with more of them beats one without log-ins. */
  readonly #alone: MemoryRateLimits;
  #isAlone = false;

  constructor(redis: Redis, clock: Clock, telemetry: Telemetry) {
    this.#redis = redis;
    this.#clock = clock;
    this.#telemetry = telemetry;
    this.#alone = new MemoryRateLimits(clock);
    telemetry.gauge("pigonair_rate_limits_alone", "Whether this process counts attempts for itself: 1 or 0.", () =>
      this.#isAlone ? 1 : 0,
    );
  }

  async take(limit: RateLimit, key: string): Promise<number> {
    return (await this.#step(limit, key, 1)) ?? this.#alone.take(limit, key);
  }

  async giveBack(limit: RateLimit, key: string): Promise<void> {
    if ((await this.#step(limit, key, -1)) === null) await this.#alone.giveBack(limit, key);
  }

  /** Null: Redis doesn't answer. */
  async #step({ name, everyMs, burst }: RateLimit, key: string, step: 1 | -1): Promise<number | null> {
    try {
      const args = [this.#clock.nowMs(), everyMs, burst, step];
      const waitMs = await this.#redis.run(ATTEMPT, [bucketOf(name, key)], args, ANSWER_MS_MAX);
      if (this.#isAlone) this.#telemetry.log.info({}, "attempts are counted for all processes together again");
      this.#isAlone = false;
      return Number(waitMs);
    } catch (error) {
      if (!this.#isAlone)
        this.#telemetry.log.warn({ error: String(error) }, "attempts are counted by this process alone");
      this.#isAlone = true;
      return null;
    }
  }
}

/** A hash, so that no addresses of people lie about in Redis. */
function bucketOf(name: string, key: string): string {
  return `pigonair:attempts:${name}:${Bun.SHA256.hash(key, "hex").slice(0, 32)}`;
}

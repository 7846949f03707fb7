/** Owns what the accounts of many edges share over Redis: counted attempts, and sessions that no longer count. */

import type { Clock } from "../../actors/clock.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import type { Redis } from "../../queue/redis/redis.ts";
import { ACCESS_TOKEN_TTL_MS } from "./access-tokens.ts";
import type { AccountStore } from "./account-store.ts";
import type { RateLimits } from "./rate-limits.ts";
import { RedisRateLimits } from "./redis-rate-limits.ts";
import { RedisRevocations } from "./redis-revocations.ts";
import type { Revocations } from "./revocations.ts";

export interface SharedAccounts {
  readonly rateLimits: RateLimits;
  readonly revocations: Revocations;
  stop(): void;
}

/** Ready: whatever was revoked before is known. */
export async function sharedAccounts(
  redis: Redis,
  store: AccountStore,
  clock: Clock,
  telemetry: Telemetry,
): Promise<SharedAccounts> {
  const revocations = new RedisRevocations({ redis, store, keptMs: ACCESS_TOKEN_TTL_MS, clock, telemetry });
  await revocations.start();
  const rateLimits = new RedisRateLimits(redis, clock, telemetry);
  return { rateLimits, revocations, stop: () => revocations.stop() };
}

// Goal: attempts are counted once for all processes, without anybody's address in Redis, and still by somebody when Redis is away.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../db/system-clock.ts";
import { MemoryRateLimits } from "../../http/accounts/rate-limits.ts";
import { RedisRateLimits } from "../../http/accounts/redis-rate-limits.ts";
import { openRedis, type Redis } from "../../queue/redis/redis.ts";
import { LIMIT, rateLimitsContract } from "../contract/rate-limits.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RedisServer } from "../support/given-redis.ts";
import { RecordingTelemetry } from "../support/recording-telemetry.ts";
import { describeWithService } from "../support/services.ts";
import { until } from "../support/until.ts";

rateLimitsContract("in memory", async (clock) => ({
  limits: new MemoryRateLimits(clock),
  close: async () => {},
}));

describeWithService("redis-server", "with Redis", () => {
  rateLimitsContract("in Redis", async (clock) => {
    const server = await RedisServer.start();
    const telemetry = new RecordingTelemetry();
    const redis = await openRedis(server.url, { telemetry, clock: systemClock() });
    return {
      limits: new RedisRateLimits(redis, clock, telemetry),
      async close() {
        // What it gave was counted by Redis, or the suite has tried the wrong adapter.
        expect(telemetry.messages.filter((message) => message.includes("alone"))).toEqual([]);
        redis.close();
        await server.remove();
      },
    };
  });

  describe("RedisRateLimits", () => {
    let server: RedisServer;
    let clock: FakeClock;
    let telemetry: RecordingTelemetry;
    let redis: Redis;
    let limits: RedisRateLimits;

    beforeEach(async () => {
      server = await RedisServer.start();
      clock = new FakeClock();
      telemetry = new RecordingTelemetry();
      redis = await openRedis(server.url, { telemetry, clock: systemClock() });
      limits = new RedisRateLimits(redis, clock, telemetry);
    });
    afterEach(async () => {
      redis.close();
      await server.remove();
    });

    const takes = async (by: RedisRateLimits, times: number): Promise<number[]> => {
      const waits: number[] = [];
      for (let n = 0; n < times; n++) waits.push(await by.take(LIMIT, "kim@example.com"));
      return waits;
    };

    test("counts what all processes take together", async () => {
      const other = new RedisRateLimits(redis, clock, telemetry);
      expect(await takes(limits, 2)).toEqual([0, 0]);
      expect(await takes(other, 2)).toEqual([0, 1_000]);
      await limits.giveBack(LIMIT, "kim@example.com");
      expect(await takes(other, 2)).toEqual([0, 1_000]);
    });

    test("keeps no address, and nothing for longer than it takes a bucket to empty", async () => {
      await takes(limits, 3);
      const keys = (await redis.ask((client) => client.keys("*"))) as string[];
      expect(keys).toHaveLength(1);
      expect(keys[0]).toMatch(/^pigonair:attempts:test:[0-9a-f]{32}$/);
      const leftMs = await redis.ask((client) => client.pTTL(keys[0] ?? ""));
      expect(leftMs).toBeGreaterThan(0);
      expect(leftMs).toBeLessThanOrEqual(LIMIT.burst * LIMIT.everyMs);
      for (let times = 0; times < 3; times++) await limits.giveBack(LIMIT, "kim@example.com");
      expect(await redis.ask((client) => client.dbSize())).toBe(0);
    });

    test("goes on by itself while Redis is down, says so once, and counts with the others again when it is back", async () => {
      await server.kill();
      await until(() => redis.trouble() !== null, "Redis is down");
      expect(await takes(limits, 4)).toEqual([0, 0, 0, 1_000]);
      await limits.giveBack(LIMIT, "kim@example.com");
      expect(await takes(limits, 2)).toEqual([0, 1_000]);
      expect(telemetry.messages.filter((message) => message.includes("alone"))).toHaveLength(1);
      expect(telemetry.read("pigonair_rate_limits_alone")).toBe(1);

      await server.restart();
      await until(() => redis.trouble() === null, "Redis is back", 10_000);
      expect(await takes(limits, 4)).toEqual([0, 0, 0, 1_000]);
      expect(await redis.ask((client) => client.dbSize())).toBe(1);
      expect(telemetry.read("pigonair_rate_limits_alone")).toBe(0);
      expect(telemetry.messages.filter((message) => message.includes("alone"))).toHaveLength(1);
    });

    test("doesn't keep anybody waiting for a Redis that holds still", async () => {
      process.kill(server.pid, "SIGSTOP");
      try {
        const startedMs = performance.now();
        expect(await limits.take(LIMIT, "kim@example.com")).toBe(0);
        expect(performance.now() - startedMs).toBeLessThan(800);
      } finally {
        process.kill(server.pid, "SIGCONT");
      }
    });
  });
});

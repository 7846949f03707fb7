/** Owns what everybody who counts attempts must keep to: run over each adapter of the port. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { RateLimit, RateLimits } from "../../http/accounts/rate-limits.ts";
import { FakeClock } from "../support/fake-clock.ts";

export interface RateLimitsUnderTest {
  readonly limits: RateLimits;
  close(): Promise<void>;
}

export const LIMIT: RateLimit = { name: "test", burst: 3, everyMs: 1_000 };

export function rateLimitsContract(name: string, open: (clock: FakeClock) => Promise<RateLimitsUnderTest>): void {
  describe(`rate limits ${name}`, () => {
    let clock: FakeClock;
    let under: RateLimitsUnderTest;

    beforeEach(async () => {
      clock = new FakeClock();
      under = await open(clock);
    });
    afterEach(() => under.close());

    const take = (key: string, limit = LIMIT) => under.limits.take(limit, key);
    const giveBack = (key: string, limit = LIMIT) => under.limits.giveBack(limit, key);
    const takeAll = async (key: string) => {
      for (let times = 0; times < LIMIT.burst; times++) expect(await take(key)).toBe(0);
    };

    test("take() gives so many at once, then one for each interval, and says how long to wait", async () => {
      await takeAll("a");
      expect(await take("a")).toBe(1_000);
      clock.advance(400);
      expect(await take("a")).toBe(600);
      clock.advance(600);
      expect(await take("a")).toBe(0);
      expect(await take("a")).toBe(1_000);
      clock.advance(60_000);
      await takeAll("a");
      expect(await take("a")).toBe(1_000);
    });

    test("take() that is refused takes nothing, however often", async () => {
      await takeAll("a");
      for (let times = 0; times < 20; times++) expect(await take("a")).toBe(1_000);
      clock.advance(1_000);
      expect(await take("a")).toBe(0);
    });

    test("take() keeps keys and limits apart", async () => {
      await takeAll("a");
      expect(await take("b")).toBe(0);
      expect(await take("a", { ...LIMIT, name: "other" })).toBe(0);
      expect(await take("a")).toBe(1_000);
    });

    test("take() counts any key: long, empty, in every script, with spaces", async () => {
      for (const key of ["", " ", "a b", "김민지@example.com", "x".repeat(10_000), "a\r\nb", "{a}", "\u0000"]) {
        await takeAll(key);
        expect(await take(key)).toBe(1_000);
      }
    });

    test("take() gives no more than there are, whoever asks at the same time", async () => {
      const waits = await Promise.all(Array.from({ length: 50 }, () => take("a")));
      expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(LIMIT.burst);
    });

    test("giveBack() makes room for one more, and never for more than the limit has", async () => {
      await takeAll("a");
      await giveBack("a");
      expect(await take("a")).toBe(0);
      expect(await take("a")).toBe(1_000);
      clock.advance(60_000);
      await giveBack("a");
      await giveBack("unknown");
      await takeAll("a");
      expect(await take("a")).toBe(1_000);
      await takeAll("unknown");
      expect(await take("unknown")).toBe(1_000);
    });
  });
}

// Goal: one account or one network asks for places only so often, each edge counting for itself, and different flights don't spoil each other.

import { expect, test } from "bun:test";
import { MemoryRateLimits } from "../../http/accounts/rate-limits.ts";
import { Problem } from "../../http/problem.ts";
import { JoinLimits } from "../../http/room/join-limits.ts";
import { FakeClock } from "../support/fake-clock.ts";

function asked(
  limits: JoinLimits,
  times: number,
  member: (at: number) => string,
  address: string,
  flightId = "PG-1",
): number {
  let refused = 0;
  for (let at = 0; at < times; at++) {
    try {
      limits.check(flightId, member(at), () => address);
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "TOO_MANY_REQUESTS") throw error;
      expect(Number(error.headers["retry-after"])).toBeGreaterThanOrEqual(1);
      refused += 1;
    }
  }
  return refused;
}

test("an account has so many tries at once, and one more each two seconds, for each flight", () => {
  const clock = new FakeClock();
  const limits = new JoinLimits(new MemoryRateLimits(clock), true);
  const one = () => "m1";
  expect(asked(limits, 35, one, "192.0.2.1")).toBe(5);
  expect(asked(limits, 30, one, "192.0.2.1", "PG-2")).toBe(0);
  clock.advance(2_000);
  expect(asked(limits, 2, one, "192.0.2.1")).toBe(1);
});

test("a network has so many tries, whoever asks from there, unless addresses don't count", () => {
  const clock = new FakeClock();
  const each = (at: number) => `m${at}`;
  const limits = new JoinLimits(new MemoryRateLimits(clock), true);
  expect(asked(limits, 310, each, "192.0.2.1")).toBe(10);
  expect(asked(limits, 10, (at) => `n${at}`, "192.0.2.2")).toBe(0);
  // A customer has a whole /64 at hand.
  expect(asked(limits, 310, (at) => `o${at}`, "2001:db8::1") + asked(limits, 10, (at) => `p${at}`, "2001:db8::2")).toBe(
    20,
  );
  expect(asked(new JoinLimits(new MemoryRateLimits(clock), false), 1_000, each, "192.0.2.1")).toBe(0);
});

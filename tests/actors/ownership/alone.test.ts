// Goal: a host without a way to others starts only where there are none: it waits for the lease of one that died, and refuses beside one that lives.

import { expect, test } from "bun:test";
import { NotAlone, waitToBeAlone } from "../../../actors/ownership/alone.ts";
import { LEASE_MS } from "../../../actors/shards.ts";
import { failureOf } from "../../support/failure-of.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryShards } from "../../support/memory-shards.ts";
import { until } from "../../support/until.ts";

const OTHER = { incarnation: "other", hostId: "actors-1", weight: 1, minReader: 1 };

async function given(beats: boolean): Promise<unknown> {
  const clock = new FakeClock();
  const shards = new MemoryShards(clock);
  await shards.register(OTHER, true);
  let hasEnded = false;
  const waiting = failureOf(waitToBeAlone(shards, clock)).finally(() => {
    hasEnded = true;
  });
  for (let waitedMs = 0; waitedMs <= 2 * LEASE_MS && !hasEnded; waitedMs += 500) {
    await until(() => clock.pending > 0 || hasEnded, "the next look");
    if (beats) await shards.beat(OTHER.incarnation, true);
    clock.advance(500);
  }
  return waiting;
}

test("waits for the lease of a host that died", async () => {
  expect(await given(false)).toBeUndefined();
});

test("refuses beside a host that lives, and names it", async () => {
  const failure = await given(true);
  expect(failure).toBeInstanceOf(NotAlone);
  expect(String(failure)).toContain("actors-1 serves from this database as well: give both NATS_URL");
});

test("starts at once where nobody is", async () => {
  const clock = new FakeClock();
  await waitToBeAlone(new MemoryShards(clock), clock);
  expect(clock.pending).toBe(0);
});

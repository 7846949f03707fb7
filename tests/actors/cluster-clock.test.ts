/** Goal: all processes go by the database's time, and none of them ever sees it run backwards or believes a single wild reading. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { ClusterClock, keepTime } from "../../actors/cluster-clock.ts";
import { silent } from "../../actors/telemetry.ts";
import { failureOf } from "../support/failure-of.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RecordingTelemetry } from "../support/recording-telemetry.ts";

const DATABASE_MS = Date.UTC(2031, 5, 1);

/** A machine, a clock that was set on it, and the database that runs `aheadMs` apart from where it began. */
class Given {
  readonly machine = new FakeClock();
  readonly telemetry = new RecordingTelemetry();
  readonly #startedMs = this.machine.monotonicMs();
  aheadMs = 0;

  get databaseMs(): number {
    return DATABASE_MS + this.aheadMs + this.machine.monotonicMs() - this.#startedMs;
  }

  set(): Promise<ClusterClock> {
    return ClusterClock.set(this.machine, this.telemetry, async () => this.databaseMs);
  }

  /** A sample whose answer took so long, all of it on the way back. */
  sample(clock: ClusterClock, roundTripMs = 0): void {
    const sentMs = clock.monotonicMs();
    const { databaseMs } = this;
    this.machine.advance(roundTripMs);
    clock.sample(databaseMs, sentMs);
  }
}

test("set() takes the database's time, half the round trip later, whatever the machine says", async () => {
  const given = new Given();
  const clock = await ClusterClock.set(given.machine, given.telemetry, async () => {
    const { databaseMs } = given;
    given.machine.advance(40);
    return databaseMs;
  });
  expect(clock.nowMs()).toBe(DATABASE_MS + 20);
  given.machine.advance(1_000);
  expect(clock.nowMs()).toBe(DATABASE_MS + 1_020);
  const offsetMs = DATABASE_MS + 1_020 - given.machine.nowMs();
  expect(given.telemetry.read("pigonair_clock_offset_seconds")).toBe(offsetMs / 1_000);
});

test("set() fails when the database's time can't be read", async () => {
  const failure = new Error("away");
  expect(await failureOf(ClusterClock.set(new FakeClock(), silent, () => Promise.reject(failure)))).toBe(failure);
});

test("sample() that agrees within its own round trip changes nothing", async () => {
  const given = new Given();
  const clock = await given.set();
  given.sample(clock, 300);
  expect(clock.nowMs()).toBe(given.databaseMs);
});

test("sample() sets a clock that is a little behind at once", async () => {
  const given = new Given();
  const clock = await given.set();
  given.aheadMs = 200;
  given.sample(clock);
  expect(clock.nowMs()).toBe(given.databaseMs);
});

test("sample() slows a clock that is a little ahead until it agrees", async () => {
  const given = new Given();
  const clock = await given.set();
  given.aheadMs = -200;
  const beforeMs = clock.nowMs();
  given.sample(clock);
  expect(clock.nowMs()).toBe(beforeMs);
  given.machine.advance(100);
  expect(clock.nowMs()).toBe(beforeMs + 50);
  given.machine.advance(300);
  expect(clock.nowMs()).toBe(given.databaseMs);
  given.machine.advance(1_000);
  expect(clock.nowMs()).toBe(given.databaseMs);
});

test("sample() far off is dropped; the third in a row that agrees is believed", async () => {
  for (const jumpMs of [600_000, -600_000]) {
    const given = new Given();
    const clock = await given.set();
    given.aheadMs = jumpMs;
    given.sample(clock);
    given.machine.advance(1_000);
    given.sample(clock);
    given.machine.advance(1_000);
    expect(clock.nowMs()).toBe(given.databaseMs - jumpMs);
    given.sample(clock);
    // Forwards at once; backwards at half the speed, since time never runs backwards.
    given.machine.advance(jumpMs < 0 ? -2 * jumpMs : 0);
    expect(clock.nowMs()).toBe(given.databaseMs);
  }
});

test("sample() of what is no number is never believed: time that is none would never be over", async () => {
  const given = new Given();
  const clock = await given.set();
  for (let samples = 0; samples < 5; samples++) clock.sample(Number.NaN, clock.monotonicMs());
  expect(clock.nowMs()).toBe(given.databaseMs);
});

test("samples far off that don't agree with each other are never believed", async () => {
  const given = new Given();
  const clock = await given.set();
  for (let at = 1; at <= 20; at++) {
    given.aheadMs = at * 10_000;
    given.sample(clock);
    given.machine.advance(1_000);
  }
  given.aheadMs = 0;
  expect(clock.nowMs()).toBe(given.databaseMs);
});

test("one good sample makes the wild ones before it forgotten", async () => {
  const given = new Given();
  const clock = await given.set();
  for (const aheadMs of [60_000, 60_000, 0, 60_000, 60_000]) {
    given.aheadMs = aheadMs;
    given.sample(clock);
    given.machine.advance(1_000);
  }
  given.aheadMs = 0;
  expect(clock.nowMs()).toBe(given.databaseMs);
});

test("time never runs backwards, whatever the samples say", async () => {
  const step = fc.record({
    passMs: fc.integer({ min: 0, max: 3_000 }),
    aheadMs: fc.oneof(fc.integer({ min: -700, max: 700 }), fc.constantFrom(0, -3_600_000, 3_600_000)),
    roundTripMs: fc.integer({ min: 0, max: 900 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const given = new Given();
      const clock = await given.set();
      let lastMs = clock.nowMs();
      for (const { passMs, aheadMs, roundTripMs } of steps) {
        given.aheadMs = aheadMs;
        given.sample(clock, roundTripMs);
        expect(clock.nowMs()).toBeGreaterThanOrEqual(lastMs);
        lastMs = clock.nowMs();
        for (let passed = 0; passed < passMs; passed += 100) {
          given.machine.advance(100);
          expect(clock.nowMs()).toBeGreaterThanOrEqual(lastMs);
          lastMs = clock.nowMs();
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("keepTime() reads each second, also after a reading has failed, until it is stopped", async () => {
  const given = new Given();
  const clock = await given.set();
  let readings = 0;
  const stop = keepTime(clock, async () => {
    readings += 1;
    if (readings === 1) throw new Error("away");
    return given.databaseMs;
  });
  given.aheadMs = 100;
  given.machine.advance(1_000);
  await new Promise(setImmediate);
  expect(clock.nowMs()).toBe(given.databaseMs - 100);
  given.machine.advance(1_000);
  await new Promise(setImmediate);
  expect(clock.nowMs()).toBe(given.databaseMs);
  stop();
  given.machine.advance(10_000);
  await new Promise(setImmediate);
  expect(readings).toBe(2);
  expect(given.machine.pending).toBe(0);
});

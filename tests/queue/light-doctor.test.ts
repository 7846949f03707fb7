/** Goal: the light check is bounded in what it costs, and takes much less of a machine that has other things to do. */

import { expect, test } from "bun:test";
import { AGAIN_MS_MIN, LightDoctor } from "../../queue/doctor/light-doctor.ts";
import type { JournalTail } from "../../queue/relay/journal-tail.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RecordingTelemetry } from "../support/recording-telemetry.ts";

/** What a check takes, in milliseconds. */
const CHECK_MS = 10;
const FLIGHTS = Array.from({ length: 400 }, (_, at) => `PG-${1_000 + at}-20300131-ICN`);

/** Flights that are looked at within a minute, of more than can be. */
async function checkedInAMinute(isBusy: boolean): Promise<number> {
  const clock = new FakeClock();
  let checks = 0;
  const tail: JournalTail = {
    sweep: async () => ({ behind: FLIGHTS, passed: [], next: null }),
    read: async () => new Map(),
    advance: async () => {},
  };
  const doctor = new LightDoctor({
    checkups: {
      async check() {
        checks += 1;
        await new Promise<void>((resolve) => clock.after(CHECK_MS, resolve));
        return { version: 1, findings: [] };
      },
    },
    tail,
    clock,
    telemetry: new RecordingTelemetry(),
    isBusy: () => isBusy,
  });
  doctor.start();
  for (let ms = 0; ms < 60_000; ms += CHECK_MS) {
    clock.advance(CHECK_MS);
    await new Promise(setImmediate);
  }
  await doctor.stop();
  return checks;
}

test("it works for a twentieth of the time, and for a two-hundredth while the machine is busy", async () => {
  const minute = 60_000 / CHECK_MS;
  const idle = await checkedInAMinute(false);
  expect(idle).toBeGreaterThan(minute / 30);
  expect(idle).toBeLessThanOrEqual(minute / 20 + 1);
  const busy = await checkedInAMinute(true);
  expect(busy).toBeGreaterThan(minute / 300);
  expect(busy).toBeLessThanOrEqual(minute / 200 + 1);
});

test("a flight with findings is looked at again until it is sound, however many others wait", async () => {
  const clock = new FakeClock();
  const sick = "PG-1-20300131-ICN";
  const others = Array.from({ length: 11_000 }, (_, at) => `PG-${10_000 + at}-20300131-ICN`);
  let behind: readonly string[] = [sick];
  let checks = 0;
  let isBusy = true;
  const doctor = new LightDoctor({
    checkups: {
      async check(flightId) {
        if (flightId === sick) checks += 1;
        await new Promise<void>((resolve) => clock.after(CHECK_MS, resolve));
        return { version: 1, findings: flightId === sick && checks === 1 ? ["seat 1A is HELD"] : [] };
      },
    },
    tail: {
      sweep: async () => ({ behind, passed: [], next: null }),
      read: async () => new Map(),
      advance: async () => {},
    },
    clock,
    telemetry: new RecordingTelemetry(),
    isBusy: () => isBusy,
  });
  const nextTimer = async (): Promise<void> => {
    clock.advance((clock.nextDueMs ?? 0) - clock.nowMs());
    await new Promise(setImmediate);
  };
  doctor.start();
  while (checks === 0) await nextTimer();
  // Each sweep fills the places that the checks have left.
  behind = [sick, ...others];
  while (clock.monotonicMs() < 2 * AGAIN_MS_MIN) await nextTimer();
  behind = [];
  isBusy = false;
  while (doctor.lag().flights > 0) await nextTimer();
  expect(checks).toBe(2);
  clock.advance(CHECK_MS);
  await doctor.stop();
});

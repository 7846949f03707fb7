/** Goal: the wait that a host predicts is that of batches, into which a crowd fits whole: nobody is turned away who would be served in time. */

import { expect, test } from "bun:test";
import { LaneMeter } from "../../actors/lane-meter.ts";
import { silent } from "../../actors/telemetry.ts";
import { FakeClock } from "../support/fake-clock.ts";

const BATCH_MAX = 512;

async function meterAfter(batches: number, commands: number, tookMs: number): Promise<LaneMeter> {
  const clock = new FakeClock();
  const meter = new LaneMeter(silent, clock, BATCH_MAX);
  for (let batch = 0; batch < batches; batch++) {
    for (let command = 0; command < commands; command++) {
      meter.taken({ arrivedMs: clock.monotonicMs(), command: null as never, answer: () => {} });
    }
    await meter.time({ id: "b", owner: "o", fences: [], flights: [] }, () => {
      clock.advance(tookMs);
      return Promise.resolve({ kind: "committed" });
    });
  }
  return meter;
}

test("predictWaitMs() says nothing before anything was measured", async () => {
  expect((await meterAfter(0, 0, 0)).predictWaitMs(10_000)).toBe(0);
});

test("predictWaitMs() does not multiply the commit of a lone command by the crowd that comes after it", async () => {
  const meter = await meterAfter(1, 1, 50);
  expect(meter.predictWaitMs(2_000)).toBeLessThanOrEqual(4 * 50);
});

test("predictWaitMs() grows with the batches that are ahead", async () => {
  const meter = await meterAfter(10, BATCH_MAX, 20);
  expect(meter.predictWaitMs(0)).toBe(0);
  expect(meter.predictWaitMs(1)).toBeCloseTo(20);
  expect(meter.predictWaitMs(100 * BATCH_MAX)).toBeCloseTo(100 * 20);
});

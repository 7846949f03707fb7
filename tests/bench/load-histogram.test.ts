/** Goal: the percentiles that the benches report are the exact ones, or at most one part in 128 above. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { Histogram, LATENCY_US_MAX } from "../../bench/load/histogram.ts";

/** Latencies as they come: mostly short, with a long tail over all magnitudes. */
const latencyUs = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.integer({ min: 0, max: 50_000 }),
  fc.integer({ min: 0, max: LATENCY_US_MAX }),
);

test("percentileUs() is the nearest rank's reading, or at most 1/128 above it", () => {
  const readings = fc.array(latencyUs, { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(readings, fc.double({ min: 0, max: 100, noNaN: true }), (all, percent) => {
      const histogram = new Histogram();
      for (const us of all) histogram.record(us);
      const exact =
        [...all].sort((a, b) => a - b)[Math.max(1, Math.ceil((percent / 100) * all.length)) - 1] ?? Number.NaN;
      const read = histogram.percentileUs(percent);
      expect(read).toBeGreaterThanOrEqual(exact);
      expect(read).toBeLessThanOrEqual(exact * (1 + 1 / 128));
    }),
  );
});

test("percentileUs(100) is the exact maximum, and total counts every reading", () => {
  fc.assert(
    fc.property(fc.array(latencyUs, { minLength: 1, maxLength: 100 }), (all) => {
      const histogram = new Histogram();
      for (const us of all) histogram.record(us);
      expect(histogram.percentileUs(100)).toBe(Math.max(...all));
      expect(histogram.maxUs).toBe(Math.max(...all));
      expect(histogram.total).toBe(all.length);
    }),
  );
});

test("percentileUs() is exact below 256 µs", () => {
  const histogram = new Histogram();
  for (let us = 1; us <= 200; us++) histogram.record(us);
  expect([50, 90, 99, 99.5].map((percent) => histogram.percentileUs(percent))).toEqual([100, 180, 198, 199]);
});

test("record() rounds to whole microseconds and keeps what is out of range at its end", () => {
  const histogram = new Histogram();
  for (const us of [-1, 1.4, 1.6, 2 ** 40]) histogram.record(us);
  expect([25, 50, 75, 100].map((percent) => histogram.percentileUs(percent))).toEqual([0, 1, 2, LATENCY_US_MAX]);
});

test("percentileUs() of nothing is 0", () => {
  expect(new Histogram().percentileUs(99)).toBe(0);
  expect(new Histogram().maxUs).toBe(0);
});

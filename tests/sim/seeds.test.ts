/** Goal: in a thousand worlds in which everything goes wrong, no seat is sold twice, nothing that was acknowledged is lost, and all comes to rest. */

import { expect, test } from "bun:test";
import type { RunResult } from "./run-seed.ts";
import { resultsOf } from "./run-sim.ts";

const SEEDS = 1_000;
const PROCESSES = 2;

/** Two cores that have nothing else to do need no longer for all of them; a machine that is busy runs as many as it can, and never fewer than the first ones. */
const MINUTES_MAX = 0.5;
const SEEDS_MIN = 100;
const TIME_MS_MAX = 180_000;

test(
  `nothing is found in seeds 1 to ${SEEDS}`,
  async () => {
    const startedMs = performance.now();
    // Those of all processes together are the first ones, however far they come.
    const step = ["--step", String(PROCESSES)];
    const run = async (at: number): Promise<readonly RunResult[]> => {
      const first = await resultsOf("--seeds", `${at + 1}-${SEEDS_MIN}`, ...step);
      const minutesLeft = MINUTES_MAX - (performance.now() - startedMs) / 60_000;
      if (minutesLeft <= 0) return first;
      const more = await resultsOf("--seeds", `${SEEDS_MIN + at + 1}-${SEEDS}`, ...step, "--minutes", `${minutesLeft}`);
      return [...first, ...more];
    };
    const results = (await Promise.all(Array.from({ length: PROCESSES }, (_, at) => run(at)))).flat();
    const found = results.flatMap(({ seed, finding }) =>
      finding === null ? [] : [`${finding.check}: ${finding.what} — bun run sim --seed ${seed}`],
    );
    expect(found).toEqual([]);
    const sum = (of: (result: RunResult) => number): number => results.reduce((total, result) => total + of(result), 0);
    const hours = sum(({ simulatedMs }) => simulatedMs) / 3_600_000;
    const [faults, operations] = [sum((result) => result.faults), sum((result) => result.operations)];
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    const tried = `${results.length} of ${SEEDS} seeds, ${hours.toFixed(1)} simulated hours, ${faults} faults, ${operations} operations`;
    console.log(`${tried} in ${seconds} s`);
    expect(results.length).toBeGreaterThanOrEqual(SEEDS_MIN);
    // A simulation in which nothing happens finds nothing either.
    expect(faults / results.length).toBeGreaterThan(3);
    expect(operations / results.length).toBeGreaterThan(30);
  },
  TIME_MS_MAX,
);

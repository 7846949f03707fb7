/** Goal: in two thousand worlds in which everything goes wrong, no seat is sold twice, nothing that was acknowledged is lost, and all comes to rest. */

import { expect, test } from "bun:test";
import type { RunResult } from "./run-seed.ts";
import { resultsOf } from "./run-sim.ts";

const SEEDS = 2_000;
const PROCESSES = 2;

/** Two cores that have nothing else to do need a minute; slow ones, beside another file, have needed six. */
const TIME_MS_MAX = 600_000;

test(
  `nothing is found in seeds 1 to ${SEEDS}`,
  async () => {
    const startedMs = performance.now();
    const runs = Array.from({ length: PROCESSES }, (_, at) =>
      resultsOf("--seeds", `${at + 1}-${SEEDS}`, "--step", String(PROCESSES)),
    );
    const results = (await Promise.all(runs)).flat();
    const found = results.flatMap(({ seed, finding }) =>
      finding === null ? [] : [`${finding.check}: ${finding.what} — bun run sim --seed ${seed}`],
    );
    expect(found).toEqual([]);
    const sum = (of: (result: RunResult) => number): number => results.reduce((total, result) => total + of(result), 0);
    const hours = sum(({ simulatedMs }) => simulatedMs) / 3_600_000;
    const [faults, operations] = [sum((result) => result.faults), sum((result) => result.operations)];
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    const tried = `${results.length} seeds, ${hours.toFixed(1)} simulated hours, ${faults} faults, ${operations} operations`;
    console.log(`${tried} in ${seconds} s`);
    expect(results.length).toBe(SEEDS);
    // A simulation in which nothing happens finds nothing either.
    expect(faults / results.length).toBeGreaterThan(3);
    expect(operations / results.length).toBeGreaterThan(30);
  },
  TIME_MS_MAX,
);

/** Goal: in thousands of worlds in which everything goes wrong, no seat is sold twice, nothing that was acknowledged is lost, and all comes to rest. */

import { expect, test } from "bun:test";
import { resultsOf } from "./run-sim.ts";

const SEEDS = 2_000;
const PROCESSES = 2;

/** On two cores that have nothing else to do it takes a fifth of this, in milliseconds. */
const TIME_MS_MAX = 300_000;

test(
  `nothing is found in seeds 1 to ${SEEDS}`,
  async () => {
    const startedMs = performance.now();
    const each = SEEDS / PROCESSES;
    const results = (
      await Promise.all(
        Array.from({ length: PROCESSES }, (_, at) => resultsOf("--seeds", `${at * each + 1}-${(at + 1) * each}`)),
      )
    ).flat();
    const found = results.flatMap(({ seed, finding }) =>
      finding === null ? [] : [`${finding.check}: ${finding.what} — bun run sim --seed ${seed}`],
    );
    expect(found).toEqual([]);
    expect(results).toHaveLength(SEEDS);
    const sum = (of: (result: (typeof results)[number]) => number): number =>
      results.reduce((total, result) => total + of(result), 0);
    const hours = sum(({ simulatedMs }) => simulatedMs) / 3_600_000;
    const [faults, operations] = [sum((result) => result.faults), sum((result) => result.operations)];
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    console.log(
      `${SEEDS} seeds: ${hours.toFixed(1)} simulated hours, ${faults} faults, ${operations} operations in ${seconds} s`,
    );
    // A simulation in which nothing happens finds nothing either.
    expect(faults / SEEDS).toBeGreaterThan(3);
    expect(operations / SEEDS).toBeGreaterThan(30);
  },
  TIME_MS_MAX,
);

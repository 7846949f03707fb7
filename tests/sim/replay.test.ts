/** Goal: a seed is the same run wherever and however often it is run, and whoever finds something is told how to see it again. */

import { expect, test } from "bun:test";
import { runSim } from "./run-sim.ts";

const SEEDS = ["2", "5", "17"];
const TIME_MS_MAX = 120_000;

test(
  "--seed gives the same trace, byte for byte, in two processes",
  async () => {
    for (const seed of SEEDS) {
      const [one, two] = [await runSim("--seed", seed), await runSim("--seed", seed)];
      expect(Bun.hash(one.output)).toBe(Bun.hash(two.output));
      expect(one.output.split("\n").length).toBeGreaterThan(100);
      expect(one.output).toMatch(/^ +\d+\.\d{6} {2}\S+ +starts$/m);
      expect(one.output.trimEnd()).toEndWith(`seed ${seed}: nothing was found`);
      expect(one.exitCode).toBe(0);
    }
  },
  TIME_MS_MAX,
);

test(
  "a finding names its seed, its check, and the line that shows it again",
  async () => {
    const { output, exitCode } = await runSim("--seeds", "1-20", "--mutant", "no-epoch");
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^seed 1: I1 at \d+\.\d{3} s: shard \d+ goes from /m);
    expect(output).toContain("  bun run sim --seed 1 --mutant no-epoch\n");
    const again = await runSim("--seed", "1", "--mutant", "no-epoch");
    expect(output).toContain(again.output.trimEnd().split("\n").slice(-2).join("\n"));
  },
  TIME_MS_MAX,
);

test(
  "--minutes searches on, and says what it has tried",
  async () => {
    const { output, exitCode } = await runSim("--minutes", "0.02", "--from", "1");
    expect(output).toMatch(
      /^\d+ seeds in \d+ s: [\d.]+ simulated hours, \d+ faults, \d+ operations, \d+ events, 0 findings$/m,
    );
    expect(exitCode).toBe(0);
  },
  TIME_MS_MAX,
);

test.each([
  [["--bad"], "Unknown option '--bad'"],
  [["--minutes"], "Option '--minutes <value>' argument missing"],
  [["--minutes", "soon"], "--minutes must be a number of minutes, not soon"],
  [["--seed", "x"], "--seed must be a whole number, not x"],
  [["--seeds", "5-3"], "--seeds must be FIRST-LAST, not 5-3"],
  [["--seed", "1", "--mutant", "none"], "--mutant must be one of those below, not none"],
  [[], "--seed, --seeds or --minutes must be given"],
])("%p is answered by what is wrong with it, and by what can be said", async (args, why) => {
  const { output, errors, exitCode } = await runSim(...args);
  expect(errors).toStartWith(`${why}\n\nbun run sim --seed N`);
  expect({ output, exitCode }).toEqual({ output: "", exitCode: 2 });
  expect((await runSim("--help")).output).toBe(errors.slice(why.length + 2));
});

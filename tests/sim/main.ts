/** Owns `bun run sim`: replays one seed with its trace, or searches on for as long as it is told. */

import { parseArgs } from "node:util";
import { loadMutant } from "./load-mutant.ts";
import { MUTANTS } from "./mutants/mutants.ts";
import type { RunResult } from "./run-seed.ts";

const USAGE = `bun run sim --seed N                    replays one run exactly, with its trace: simulated time, who, what
bun run sim --minutes M [--from SEED]   searches on, seed by seed
bun run sim --seeds FIRST-LAST          runs these seeds, with --minutes no longer than that
  --step N         only each Nth of the seeds
  --mutant NAME    with a fault in the product's own code: ${MUTANTS.map(({ name }) => name).join(" ")}
  --all            goes on after a seed that found something
  --json           gives the result of each seed as a line of JSON

The exit code is 1 when a seed found something.`;

/** How often a search tells how far it is, in milliseconds. */
const PROGRESS_MS = 10_000;

const options = given();
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}

const mutant = options.mutant === undefined ? null : await loadMutant(named(options.mutant));
// Not before the mutant: what is loaded once stays.
const { runSeed } = await import("./run-seed.ts");

/** What was thrown where nobody waited for it: our own code's fault in the run of that moment. */
let unhandled: unknown = null;
process.on("unhandledRejection", (cause) => {
  unhandled ??= cause;
});

const step = Math.max(1, wholeNumber("step", options.step));
const msMax = options.minutes === undefined ? Number.POSITIVE_INFINITY : minutes(options.minutes) * 60_000;
if (options.seed !== undefined) await replay(wholeNumber("seed", options.seed));
else if (options.seeds !== undefined) {
  const [first = "", last = first] = options.seeds.split("-");
  const [from, to] = [wholeNumber("seeds", first), wholeNumber("seeds", last)];
  if (from > to) fail(`--seeds must be FIRST-LAST, not ${options.seeds}`);
  await search(from, to, msMax);
} else if (options.minutes !== undefined) {
  const from = options.from === undefined ? Date.now() % 1_000_000_000 : wholeNumber("from", options.from);
  await search(from, Number.MAX_SAFE_INTEGER, msMax);
} else fail("--seed, --seeds or --minutes must be given");

async function run(seed: number, write: ((line: string) => void) | null): Promise<RunResult> {
  unhandled = null;
  const result = runSeed(seed, { write, excused: mutant?.excused ?? [] });
  // Rejections are told of in a turn of the real event loop.
  await new Promise<void>((resolve) => setImmediate(resolve));
  if (unhandled === null || result.finding !== null) return result;
  return {
    ...result,
    finding: { check: "assertion", what: `nobody caught ${String(unhandled)}`, atMs: result.simulatedMs },
  };
}

async function replay(seed: number): Promise<void> {
  const lines: string[] = [];
  const result = await run(seed, (line) => lines.push(line));
  lines.push(verdict(result), "");
  await Bun.write(Bun.stdout, lines.join("\n"));
  process.exitCode = result.finding === null ? 0 : 1;
}

async function search(first: number, last: number, msMax: number): Promise<void> {
  const startedMs = performance.now();
  const sum = { seeds: 0, found: 0, simulatedMs: 0, faults: 0, operations: 0, events: 0 };
  let toldMs = startedMs;
  const summary = (): string => {
    const seconds = (performance.now() - startedMs) / 1_000;
    const hours = (sum.simulatedMs / 3_600_000).toFixed(1);
    return `${sum.seeds} seeds in ${seconds.toFixed(0)} s: ${hours} simulated hours, ${sum.faults} faults, ${sum.operations} operations, ${sum.events} events, ${sum.found} findings`;
  };
  for (let seed = first; seed <= last && performance.now() - startedMs < msMax; seed += step) {
    const result = await run(seed, null);
    sum.seeds += 1;
    sum.simulatedMs += result.simulatedMs;
    sum.faults += result.faults;
    sum.operations += result.operations;
    sum.events += result.events;
    if (result.finding !== null) {
      sum.found += 1;
      process.exitCode = 1;
      if (!options.json) console.log(verdict(result));
    }
    if (options.json) console.log(JSON.stringify(result));
    else if (performance.now() - toldMs > PROGRESS_MS) {
      toldMs = performance.now();
      console.log(summary());
    }
    if (result.finding !== null && !options.all) break;
  }
  if (!options.json) console.log(summary());
}

function verdict({ seed, finding }: RunResult): string {
  if (finding === null) return `seed ${seed}: nothing was found`;
  const withMutant = mutant === null ? "" : ` --mutant ${mutant.name}`;
  return `seed ${seed}: ${finding.check} at ${(finding.atMs / 1_000).toFixed(3)} s: ${finding.what}\n  bun run sim --seed ${seed}${withMutant}`;
}

function given() {
  try {
    return parseArgs({
      options: {
        seed: { type: "string" },
        minutes: { type: "string" },
        from: { type: "string" },
        seeds: { type: "string" },
        step: { type: "string", default: "1" },
        mutant: { type: "string" },
        all: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (cause) {
    return fail(cause instanceof Error ? cause.message : String(cause));
  }
}

function named(text: string): string {
  const isKnown = MUTANTS.some(({ name }) => name === text);
  return isKnown ? text : fail(`--mutant must be one of those below, not ${text}`);
}

function minutes(text: string): number {
  const value = Number(text);
  return value > 0 ? value : fail(`--minutes must be a number of minutes, not ${text}`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  return /^\d{1,15}$/.test(text) ? value : fail(`--${name} must be a whole number, not ${text}`);
}

function fail(why: string): never {
  console.error(`${why}\n\n${USAGE}`);
  process.exit(2);
}

/** Owns how tests run the simulator: in processes of its own, as anybody does it by hand. */

import { join } from "node:path";
import type { RunResult } from "./run-seed.ts";

const ROOT = join(import.meta.dir, "../..");

export interface Ran {
  readonly output: string;
  readonly errors: string;
  readonly exitCode: number;
}

export async function runSim(...args: readonly string[]): Promise<Ran> {
  const child = Bun.spawn([process.execPath, "tests/sim/main.ts", ...args], {
    cwd: ROOT,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { output, errors, exitCode: await child.exited };
}

/** What each seed came to. */
export async function resultsOf(...args: readonly string[]): Promise<RunResult[]> {
  const { output, errors } = await runSim("--json", ...args);
  if (errors !== "") throw new Error(errors);
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RunResult);
}

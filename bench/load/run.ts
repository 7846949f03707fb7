/** Owns running a load in a process of its own, so that what generates it never shares a thread with what is measured. */
import type { LoadConfig, LoadResult } from "./result.ts";

const WORKER = `${import.meta.dir}/worker.ts`;

/** Throws when the generator fails; what it printed about that is on standard error. */
export async function runLoad(config: LoadConfig): Promise<LoadResult> {
  const worker = Bun.spawn([process.execPath, WORKER], {
    stdin: new Blob([JSON.stringify(config)]),
    stdout: "pipe",
    stderr: "inherit",
  });
  const [output, exitCode] = await Promise.all([worker.stdout.text(), worker.exited]);
  if (exitCode !== 0) throw new Error(`the load generator ended with code ${exitCode}`);
  return JSON.parse(output);
}

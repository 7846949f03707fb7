/** Owns running a load in a process of its own, so that what generates it never shares a thread with what is measured. */
import { join } from "node:path";
import type { LoadConfig, LoadResult, OpenLoadConfig, OpenLoadResult } from "./result.ts";

const WORKER = join(import.meta.dir, "worker.ts");

/** Told the id of the generator's process. */
export type OnStart = (pid: number) => void;

/** Throws when the generator fails; what it printed about that is on standard error. */
export function runLoad(config: LoadConfig, onStart?: OnStart): Promise<LoadResult> {
  return inProcess<LoadResult>(WORKER, config, onStart);
}

/** As {@link runLoad}, by a schedule. */
export function runOpenLoad(config: OpenLoadConfig, onStart?: OnStart): Promise<OpenLoadResult> {
  return inProcess<OpenLoadResult>(WORKER, config, onStart);
}

/** Runs a program that reads its orders as JSON from its standard input and prints its result as JSON. */
export async function inProcess<Result>(program: string, orders: unknown, onStart?: OnStart): Promise<Result> {
  const worker = Bun.spawn([process.execPath, program], {
    stdin: new Blob([JSON.stringify(orders)]),
    stdout: "pipe",
    stderr: "inherit",
  });
  onStart?.(worker.pid);
  const [output, exitCode] = await Promise.all([worker.stdout.text(), worker.exited]);
  if (exitCode !== 0) throw new Error(`the load generator ended with code ${exitCode}`);
  return JSON.parse(output);
}

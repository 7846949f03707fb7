/** Owns running a load in a process of its own, so that what generates it never shares a thread with what is measured. */
import { join } from "node:path";
import type { Subprocess } from "bun";
import { assert } from "../../actors/assert.ts";
import type { LoadConfig, LoadResult, OpenLoadConfig, OpenLoadResult } from "./result.ts";

const WORKER = join(import.meta.dir, "worker.ts");

/** Whoever waits for a load's result. */
type Waiting = Pick<PromiseWithResolvers<unknown>, "resolve" | "reject">;

/** Told the id of the generator's process. */
export type OnStart = (pid: number) => void;

/** Throws when the generator fails; what it printed about that is on standard error. */
export function runLoad(config: LoadConfig, onStart?: OnStart): Promise<LoadResult> {
  return generator.run<LoadResult>(config, onStart);
}

/** As {@link runLoad}, by a schedule. */
export function runOpenLoad(config: OpenLoadConfig, onStart?: OnStart): Promise<OpenLoadResult> {
  return generator.run<OpenLoadResult>(config, onStart);
}

/**
 * One process for all loads of a program, which ends with it. A new one for each would be compiled in the midst of its load, on the same
 * cores: whoever answers slowly would have all of that in what is measured, and whoever answers fast would not.
 */
class Generator {
  #child: Subprocess | null = null;
  #result: Waiting | null = null;

  run<Result>(config: LoadConfig | OpenLoadConfig, onStart?: OnStart): Promise<Result> {
    assert(this.#result === null, "a generator has one load at a time");
    this.#child ??= this.#start();
    onStart?.(this.#child.pid);
    const result = Promise.withResolvers<unknown>();
    this.#result = result;
    this.#child.send(config);
    return result.promise as Promise<Result>;
  }

  #start(): Subprocess {
    const child = Bun.spawn([process.execPath, WORKER], {
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
      ipc: (result: unknown) => this.#end()?.resolve(result),
      onExit: (_, exitCode) => {
        this.#child = null;
        this.#end()?.reject(new Error(`the load generator ended with code ${exitCode}`));
      },
    });
    child.unref();
    return child;
  }

  #end(): Waiting | null {
    const result = this.#result;
    this.#result = null;
    return result;
  }
}

const generator = new Generator();

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

/** Owns what the benches through HTTP share: programs beside the generator, members' tokens, and the line that reports a run. */

import { join } from "node:path";
import { present } from "../actors/assert.ts";
import { systemEntropy } from "../db/system-entropy.ts";
import { RUNTIME } from "../deploy/runtime.ts";
import type { SigningKeys } from "../http/accounts/signing-keys.ts";
import type { HoldsOptions } from "./load/holds.ts";
import type { CpuTime, LoadConfig, LoadResult } from "./load/result.ts";
import { runLoad } from "./load/run.ts";
import { makeMembersOf } from "./rig/members.ts";

export const MEMBERS = 4_000;
const WARM_MS = Number(process.env.WARM_MS ?? 4_000);
const RUN_MS = Number(process.env.RUN_MS ?? 4_000);

export interface Running {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Starts a program that prints its address as part of its first lines.
 * @param willStop told how it is stopped, before it is started
 */
export async function start(
  command: readonly string[],
  env: Record<string, string>,
  address: RegExp,
  willStop: (stop: Running["stop"]) => void = () => {},
): Promise<Running & { readonly line: string }> {
  const stop = async (): Promise<void> => {
    program.kill("SIGTERM");
    await program.exited;
  };
  willStop(stop);
  const program = Bun.spawn([...command], {
    env: { ...process.env, ...RUNTIME, ...env },
    stdout: "pipe",
    stderr: "inherit",
  });
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of program.stdout) {
    text += decoder.decode(part, { stream: true });
    const found = address.exec(text);
    if (found === null || !text.endsWith("\n")) continue;
    return {
      url: present(found[1], "an address"),
      pid: program.pid,
      line: text,
      stop,
    };
  }
  throw new Error(`${command.join(" ")} ended before it served: ${text}`);
}

/** The edge alone: a route that checks the token and the body, and decides nothing; and tokens that it takes, of so many members. */
export async function startBaseline(
  members = 256,
  willStop?: (stop: Running["stop"]) => void,
): Promise<Running & { readonly tokens: string[] }> {
  const baseline = await start(
    [process.execPath, join(import.meta.dir, "baseline.ts"), "--port", "0", "--members", String(members)],
    {},
    /"url":"([^"]+)"/,
    willStop,
  );
  const { tokens } = JSON.parse(baseline.line) as { tokens: string[] };
  return { ...baseline, tokens };
}

export async function makeTokens(keys: SigningKeys): Promise<string[]> {
  const entropy = systemEntropy();
  const members = await makeMembersOf(
    keys,
    Array.from({ length: MEMBERS }, () => entropy.uuid()),
  );
  return members.map(({ token }) => token);
}

/** By name, the processes whose CPU time is measured beside. */
export type Pids = Readonly<Record<string, number>>;

export interface Measured extends LoadResult {
  readonly pids: Pids;
}

export type Window = Pick<LoadConfig, "warmUpMs" | "durationMs" | "requestsMax">;

const WINDOW: Window = { warmUpMs: WARM_MS, durationMs: RUN_MS };

export async function load(
  url: string,
  connections: number,
  options: HoldsOptions,
  pids: Pids,
  window: Window = WINDOW,
): Promise<Measured> {
  const result = await runLoad({
    url,
    connections,
    ...window,
    plan: join(import.meta.dir, "load/holds.ts"),
    options,
    watchPids: Object.values(pids),
  });
  return { ...result, pids };
}

/** @param beside the edge alone, at the same number of connections */
export function report(name: string, connections: number, result: Measured, beside?: LoadResult): void {
  const { ratePerSecond, p50Ms, p99Ms, byStatus, errors, cpu, requests, pids } = result;
  const share = beside === undefined ? "" : `${(ratePerSecond / beside.ratePerSecond).toFixed(3)} of the edge alone`;
  const watched = Object.entries(pids).map(([who, pid]) => `${who} ${usEach(cpu.watched[pid], requests)}`);
  console.log(
    `${name.padEnd(30)} ${String(connections).padStart(4)} ${Math.round(ratePerSecond).toLocaleString("en").padStart(8)}/s  p50 ${p50Ms.toFixed(2)}  p99 ${p99Ms.toFixed(2)} ms  ` +
      `CPU µs: ${watched.join(", ")}, load ${usEach(cpu.self, requests)}  ${JSON.stringify(byStatus)}${errors > 0 ? ` ${errors} errors` : ""}  ${share}`,
  );
}

function usEach(time: CpuTime | null | undefined, requests: number): string {
  return time === null || time === undefined ? "?" : (((time.userMs + time.systemMs) * 1_000) / requests).toFixed(1);
}

/** Owns how much CPU time processes have used. */
import { readFileSync } from "node:fs";
import type { CpuTime, LoadResult } from "./result.ts";

/** Linux counts in hundredths of a second for user space, on every architecture (proc_pid_stat(5)). */
const TICK_MS = 10;

/** The CPU time that a process, all its threads together, has used since it began; null without `/proc` or without the process. */
export function cpuTimeOf(pid: number): CpuTime | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command's name, in parentheses, may contain anything; the fields after it begin with the third.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { userMs: Number(fields[14 - 3]) * TICK_MS, systemMs: Number(fields[15 - 3]) * TICK_MS };
  } catch {
    return null;
  }
}

/** Begins to measure this process and the watched ones; the function that it returns tells what they have used since. */
export function measureCpu(watchPids: readonly number[]): () => LoadResult["cpu"] {
  const ownBefore = process.cpuUsage();
  const before = watchPids.map((pid) => [pid, cpuTimeOf(pid)] as const);
  return () => {
    const own = process.cpuUsage(ownBefore);
    const watched: Record<string, CpuTime | null> = {};
    for (const [pid, then] of before) watched[pid] = between(then, cpuTimeOf(pid));
    return { self: { userMs: own.user / 1000, systemMs: own.system / 1000 }, watched };
  };
}

function between(then: CpuTime | null, now: CpuTime | null): CpuTime | null {
  if (then === null || now === null) return null;
  return { userMs: now.userMs - then.userMs, systemMs: now.systemMs - then.systemMs };
}

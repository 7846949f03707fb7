/** Owns how busy the thread of the event loop is: the resource that edge and flights of a process share. */

import { readFileSync } from "node:fs";
import type { Clock } from "../../actors/clock.ts";

const MICROSECONDS_PER_MS = 1_000;
const NANOSECONDS_PER_MS = 1_000_000;

/** Linux: how long the thread has run, and how long it could have run but another thread had the core; in nanoseconds. */
const SCHEDULING = "/proc/thread-self/schedstat";

/**
 * To wait for a core counts as work: a thread that gets half a core and wants a whole one has no time left.
 * @returns the share of the time since the last call that the thread has worked or wanted to, 0 to 1
 */
export function threadLoad(clock: Clock): () => number {
  let atMs = clock.monotonicMs();
  let wantedMs = threadWorkedMs() + threadWaitedMs();
  return () => {
    const nowMs = clock.monotonicMs();
    const nowWantedMs = threadWorkedMs() + threadWaitedMs();
    const share = nowMs > atMs ? (nowWantedMs - wantedMs) / (nowMs - atMs) : 0;
    atMs = nowMs;
    wantedMs = nowWantedMs;
    return Math.min(1, Math.max(0, share));
  };
}

/** How long the thread that calls this has worked so far. */
export function threadWorkedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / MICROSECONDS_PER_MS;
}

/** 0 where the machine doesn't tell. */
function threadWaitedMs(): number {
  try {
    const [, waited = "0"] = readFileSync(SCHEDULING, "utf8").split(" ");
    return Number(waited) / NANOSECONDS_PER_MS;
  } catch {
    return 0;
  }
}

/** Owns how busy the thread of the event loop is: the resource that edge and flights of a process share. */

import { readFileSync } from "node:fs";
import type { Clock } from "../../actors/clock.ts";

const MICROSECONDS_PER_MS = 1_000;
const NANOSECONDS_PER_MS = 1_000_000;

/** Linux: how long the thread has run, and how long it could have run but another thread had the core; in nanoseconds. */
const SCHEDULING = "/proc/thread-self/schedstat";

/**
 * Of the time since the last call in which the thread had a core or needed none: one that gets half a core, and works all of that time, has
 * no time left; one that seldom works, and waits for a busy neighbour each time, has.
 * @returns the share of it that the thread has worked, 0 to 1
 */
export function threadLoad(clock: Clock): () => number {
  let atMs = clock.monotonicMs();
  let workedMs = threadWorkedMs();
  let waitedMs = threadWaitedMs();
  return () => {
    const nowMs = clock.monotonicMs();
    const [worked, waited] = [threadWorkedMs(), threadWaitedMs()];
    const hadMs = nowMs - atMs - (waited - waitedMs);
    const share = hadMs > 0 ? (worked - workedMs) / hadMs : 0;
    [atMs, workedMs, waitedMs] = [nowMs, worked, waited];
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

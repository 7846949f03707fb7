/** Owns how busy the thread of the event loop is: the resource that edge and flights of a process share. */

import type { Clock } from "../../actors/clock.ts";

const MICROSECONDS_PER_MS = 1_000;

/** @returns the share of the time since the last call that the thread has worked, 0 to 1 */
export function threadLoad(clock: Clock): () => number {
  let atMs = clock.monotonicMs();
  let workedMs = workedSoFarMs();
  return () => {
    const nowMs = clock.monotonicMs();
    const nowWorkedMs = workedSoFarMs();
    const share = nowMs > atMs ? (nowWorkedMs - workedMs) / (nowMs - atMs) : 0;
    atMs = nowMs;
    workedMs = nowWorkedMs;
    return Math.min(1, Math.max(0, share));
  };
}

function workedSoFarMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / MICROSECONDS_PER_MS;
}

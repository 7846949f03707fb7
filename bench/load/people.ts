/** Owns people who come by a schedule and go their ways beside each other: what each does is a function of their number. */
import type { Answer } from "./http-pool.ts";
import { type Arrivals, scheduleOf } from "./schedule.ts";
import type { Steps } from "./steps.ts";

const TICK_MS = 1;

/** Somebody whose way ended before its end: why is counted where it happened. */
export class GaveUp extends Error {
  override readonly name = "GaveUp";
}

/** What became of everybody. */
export interface Ways {
  readonly came: number;
  readonly arrived: number;
  readonly gaveUp: number;
}

/** @param go the way of one, who was meant to begin at `meantAtMs`; throws GaveUp */
export async function peopleCome(
  arrivals: Arrivals,
  go: (person: number, meantAtMs: number) => Promise<void>,
): Promise<Ways> {
  const schedule = scheduleOf(arrivals);
  const startedAtMs = performance.now();
  const ways: Promise<boolean>[] = [];
  while (ways.length < schedule.length) {
    const nowMs = performance.now() - startedAtMs;
    while (ways.length < schedule.length && (schedule[ways.length] ?? 0) <= nowMs) {
      const person = ways.length;
      ways.push(wayOf(go(person, startedAtMs + (schedule[person] ?? 0))));
    }
    await Bun.sleep(TICK_MS);
  }
  const arrived = (await Promise.all(ways)).filter((hasArrived) => hasArrived).length;
  return { came: ways.length, arrived, gaveUp: ways.length - arrived };
}

async function wayOf(way: Promise<void>): Promise<boolean> {
  try {
    await way;
    return true;
  } catch (cause) {
    if (cause instanceof GaveUp) return false;
    throw cause;
  }
}

/** Records a step, and gives its body as JSON. @throws GaveUp for any status that is not 2xx */
export function taken<T>(steps: Steps, step: string, sinceMs: number, answer: Answer): T {
  const { status, problemCode, body, atMs } = answer;
  if (status < 200 || status > 299) {
    steps.otherwise(step, `${status} ${problemCode ?? ""}`.trim());
    throw new GaveUp(step);
  }
  steps.ok(step, atMs - sinceMs);
  return JSON.parse(body) as T;
}

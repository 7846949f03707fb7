/** Owns the way to rounds of randomness over HTTP, such as drand's: each look bounded in time and size, and repeated until it is too late. */

import { assert } from "../../../actors/assert.ts";
import type { Clock } from "../../../actors/clock.ts";
import type { Log } from "../../../actors/telemetry.ts";
import { readText } from "../../read-text.ts";
import type { Beacon } from "./beacon.ts";
import { lookUntil } from "./look-until.ts";
import { type RoundReading, readRound } from "./round.ts";

const ANSWER_BYTES_MAX = 16_384;
const LOOK_MS_MAX = 3_000;

export interface HttpBeaconOptions {
  /** Ends with `{round}`. */
  readonly address: string;
  /** When round 1 came out, as Unix time in milliseconds, and how long after it the next one. */
  readonly genesisMs: number;
  readonly periodMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export function httpBeacon({ address, genesisMs, periodMs, clock, log }: HttpBeaconOptions): Beacon {
  assert(address.endsWith("{round}"), "the address of rounds ends with {round}");
  return {
    nameAt: (atMs) => address.replace("{round}", String(Math.max(1, Math.ceil((atMs - genesisMs) / periodMs) + 1))),
    value: (name, untilMs) =>
      lookUntil(untilMs, { clock, log, name }, (msMax) => fetchRound(name, clock, Math.min(LOOK_MS_MAX, msMax))),
  };
}

/** The round at an address that ends with its number; whatever goes wrong is a problem that may pass. */
export async function fetchRound(url: string, clock: Clock, lookMsMax: number): Promise<RoundReading> {
  const abort = new AbortController();
  const timer = clock.after(lookMsMax, () => abort.abort());
  try {
    const response = await fetch(url, { headers: { accept: "application/json" }, signal: abort.signal });
    const text = await readText(response.body, ANSWER_BYTES_MAX);
    if (!response.ok) return { ok: false, problem: `answered ${response.status}` };
    if (text === null) return { ok: false, problem: "answered too much" };
    return readRound(text, Number(/\d+$/.exec(url)?.[0]));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return {
      ok: false,
      problem: abort.signal.aborted ? `gave no answer within ${lookMsMax} ms` : `can't be reached: ${why}`,
    };
  } finally {
    timer.cancel();
  }
}

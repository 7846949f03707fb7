/** Owns the choice of a beacon by the setting ROOM_BEACON. */

import { assert } from "../../../actors/assert.ts";
import type { Clock } from "../../../actors/clock.ts";
import type { Log } from "../../../actors/telemetry.ts";
import { type Beacon, noBeacon } from "./beacon.ts";
import { fileBeacon } from "./file-beacon.ts";
import { httpBeacon } from "./http-beacon.ts";

/**
 * `none`, `file:PATH`, or the address of rounds, as `https://api.drand.sh/52db…e971/public/{round}`. With a round's number in it, it is kept as
 * the beacon's name, of up to 512 characters.
 */
export const BEACON_FORM = /^(?=.{1,480}$)(?:none|file:[^\p{Cc}]+|https?:\/\/[^\s{}#]+\{round\})$/u;

/**
 * drand's quicknet: https://api.drand.sh/52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971/info.
 * Another chain says its own there.
 */
export const QUICKNET = { genesisS: 1_692_803_367, periodS: 3 } as const;

export interface BeaconOptions {
  /** Of {@link BEACON_FORM}. */
  readonly source: string;
  /** When round 1 came out, in seconds since the Unix epoch. @default that of drand's quicknet */
  readonly genesisS?: number;
  /** Between two rounds, in seconds. @default that of drand's quicknet */
  readonly periodS?: number;
  readonly clock: Clock;
  readonly log: Log;
}

export function openBeacon({ source, genesisS, periodS, clock, log }: BeaconOptions): Beacon {
  assert(BEACON_FORM.test(source), () => `a beacon is none, file:PATH or an address with {round}: ${source}`);
  if (source === "none") return noBeacon;
  if (source.startsWith("file:")) return fileBeacon(source.slice("file:".length), clock, log);
  return httpBeacon({
    address: source,
    genesisMs: (genesisS ?? QUICKNET.genesisS) * 1_000,
    periodMs: (periodS ?? QUICKNET.periodS) * 1_000,
    clock,
    log,
  });
}

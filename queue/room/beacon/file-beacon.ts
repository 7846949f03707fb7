/** Owns randomness that somebody puts into a file, where there is no internet: 64 hexadecimal digits, written after the name was promised. */

import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import type { Clock } from "../../../actors/clock.ts";
import type { Log } from "../../../actors/telemetry.ts";
import { bytesOfHex } from "../draw/hash.ts";
import type { Beacon } from "./beacon.ts";
import { lookUntil } from "./look-until.ts";
import type { RoundReading } from "./round.ts";

const FILE_BYTES_MAX = 1_024;

/** Its name says which file and since when: what was in the file before was known before. The path stays private. */
export function fileBeacon(path: string, clock: Clock, log: Log): Beacon {
  return {
    nameAt: (atMs) => `file:${basename(path)} since ${new Date(atMs).toISOString()}`,
    value: (name, untilMs) => lookUntil(untilMs, { clock, log, name }, () => readValue(path, sinceMsOf(name))),
  };
}

function sinceMsOf(name: string): number {
  return Date.parse(name.slice(name.lastIndexOf(" ") + 1));
}

async function readValue(path: string, sinceMs: number): Promise<RoundReading> {
  try {
    const about = await stat(path);
    if (about.mtimeMs < sinceMs) return { ok: false, problem: "the file is older than its name" };
    if (about.size > FILE_BYTES_MAX) return { ok: false, problem: "the file is too long" };
    const randomness = bytesOfHex((await readFile(path, "utf8")).trim().toLowerCase());
    return randomness === null
      ? { ok: false, problem: "the file has other than 64 hexadecimal digits" }
      : { ok: true, randomness };
  } catch (cause) {
    return { ok: false, problem: `the file can't be read: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}

/** Owns the server's time in a browser, whose own clock may be wrong by hours: holds end by the server's. */

import { nowMs } from "./device.ts";

/** The field `Date` knows whole seconds, and an answer takes its time: below this a difference says nothing. */
const UNCERTAINTY_MS = 2_000;

let offsetMs = 0;

/** @param date the field `Date` of an answer that has just come */
export function noteServerDate(date: string | null): void {
  const serverMs = Date.parse(date ?? "");
  if (Number.isNaN(serverMs)) return;
  const difference = serverMs + 500 - nowMs();
  offsetMs = Math.abs(difference) < UNCERTAINTY_MS ? 0 : difference;
}

/** Milliseconds since the epoch. */
export function serverNowMs(): number {
  return nowMs() + offsetMs;
}

/** Owns when people do well to ask again: those who are far from the door seldom, those at it often enough not to lose their turn. */

import type { KnownRoom } from "./known-room.ts";
import { PRESENCE_MS } from "./room-store.ts";
import type { Estimate } from "./threshold-rate.ts";

/** At the door, in milliseconds: somebody who has missed two questions and is late for the third counts as gone. */
export const AT_DOOR_POLL_MS = PRESENCE_MS / 3;

const POLL_MS_MIN = 2_000;
const POLL_MS_MAX = 60_000;

/** Who is not there after half of the estimated time asks again by then. */
const ASKED_PER_WAIT = 4;

/** @param estimate of the one who asks; null: nobody can say */
export function pollAfterMs(known: KnownRoom, estimate: Estimate | null, nowMs: number): number {
  const untilOpenMs = known.room.opensAtMs - nowMs;
  // Before the opening nothing moves, and everybody is told at once when it does.
  if (untilOpenMs > 0) return clamp(untilOpenMs / 2);
  if (estimate === null) return POLL_MS_MAX / 4;
  return clamp((estimate.p50 * 1_000) / ASKED_PER_WAIT);
}

/** For everybody alike, with the public status: those at the end of the line are the most. */
export function statusPollMs(known: KnownRoom, nowMs: number): number {
  const waiting = Math.max(1, known.joined - known.admitted);
  const perMinute = known.glance?.pace?.ratePerMinute ?? known.room.settings.admitPerMinute;
  // The answer is cached for a second: asking more often tells nothing new.
  return Math.min(POLL_MS_MAX / 6, pollAfterMs(known, known.rate.estimate(waiting, perMinute, known.turnover), nowMs));
}

function clamp(ms: number): number {
  return Math.round(Math.min(POLL_MS_MAX, Math.max(POLL_MS_MIN, ms)));
}

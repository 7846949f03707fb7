/** Owns when the provider is asked about an attempt again, and for how long after it ended without money. The first moment is the commit's. */

import type { PaymentStatus } from "../../actors/domain/reply.ts";

/** A webhook usually comes first; these looks are for the one that never does. */
const PENDING_LOOK_MS = 10_000;
const PENDING_LOOK_MS_MAX = 60_000;

/** A refund is asked for at once, and again only when it could not be made; so is money that came after an end. */
const RETRY_MS = 5_000;
const RETRY_MS_MAX = 600_000;

/** Money can still come after a definite end: looks grow apart for a day after the payment's deadline, then only a webhook tells. */
const LATE_LOOK_MS = 60_000;
const LATE_LOOK_FACTOR = 3;
const LATE_LOOK_MS_MAX = 6 * 3_600_000;
export const LATE_WATCH_MS = 24 * 3_600_000;

interface Looked {
  readonly status: PaymentStatus;
  readonly expiresAtMs: number;
  /** Looks since the status last changed, before this one. */
  readonly looks: number;
}

/**
 * When to look again after a look that changed nothing, or null for never.
 * @param hasAnswered without an answer an attempt is never given up
 * @param fraction in [0, 1): spreads the looks, so that those of one moment don't stay together
 */
export function nextLookMs(
  { status, expiresAtMs, looks }: Looked,
  hasAnswered: boolean,
  nowMs: number,
  fraction: number,
): number | null {
  const grown = (firstMs: number, factor: number, maxMs: number): number =>
    Math.round(Math.min(firstMs * factor ** looks, maxMs) * (0.75 + fraction / 2));
  switch (status) {
    case "PENDING": {
      const atMs = nowMs + grown(PENDING_LOOK_MS, 2, PENDING_LOOK_MS_MAX);
      // At its deadline it is closed.
      return nowMs < expiresAtMs ? Math.min(atMs, expiresAtMs) : atMs;
    }
    case "FAILED":
    case "CANCELLED": {
      if (hasAnswered && nowMs >= expiresAtMs + LATE_WATCH_MS) return null;
      const atMs = nowMs + grown(LATE_LOOK_MS, LATE_LOOK_FACTOR, LATE_LOOK_MS_MAX);
      // What could not be settled may be money that has come.
      return hasAnswered ? atMs : Math.min(atMs, nowMs + grown(RETRY_MS, 2, RETRY_MS_MAX));
    }
    case "REFUNDING":
      return nowMs + grown(RETRY_MS, 2, RETRY_MS_MAX);
    case "CAPTURED":
    case "REFUNDED":
      return null;
  }
}

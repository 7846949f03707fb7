/** Owns how measures are written: short enough for a table, and exact enough to compare. */

import { formatNumber } from "../i18n/format.ts";
import type { Language } from "../language.ts";

export const NOTHING = "–";

/** `0.43 ms`, `18 ms`, `1.2 s` */
export function formatMs(ms: number | null): string {
  if (ms === null) return NOTHING;
  if (ms >= 10_000) return `${Math.round(ms / 1_000)} s`;
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms >= 10) return `${Math.round(ms)} ms`;
  return `${ms >= 1 ? ms.toFixed(1) : ms.toFixed(2)} ms`;
}

export function formatRate(language: Language, perSecond: number): string {
  return formatNumber(language, perSecond >= 10 ? Math.round(perSecond) : Math.round(perSecond * 10) / 10);
}

export function formatShare(share: number): string {
  return `${Math.round(100 * share)} %`;
}

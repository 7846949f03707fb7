/** Owns figures in the reader's language: counts, waits, countdowns and chances. */

import type { WaitRange } from "./facts.ts";
import { filled, type RoomWords } from "./words.ts";

const HOUR_MIN = 60;

/** A range of minutes or, when it is long, of hours. */
export function waitText({ p50, p90 }: WaitRange, words: RoomWords): string {
  if (p90 <= 60) return words.underMinute;
  const low = Math.max(1, Math.round(p50 / 60));
  const high = Math.max(low, Math.ceil(p90 / 60));
  if (high >= 3 * HOUR_MIN) {
    const hours = (minutes: number): string => String(Math.round((minutes / HOUR_MIN) * 2) / 2);
    return filled(words.hoursRange, { low: hours(low), high: hours(high) });
  }
  return filled(low === high ? words.minutes : words.minutesRange, { low, high });
}

/** `4:05`, `1:00:09`, and days before it when there are any. */
export function countdownText(ms: number, words: RoomWords): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  if (hours > 0 || days > 0) parts.unshift(hours);
  const clock = parts.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
  return days > 0 ? `${filled(words.days, { days })} ${clock}` : clock;
}

/** Whether the seats will last until it is one's turn, if everybody ahead takes one. */
export function oddsText(place: number, seatsLeft: number, words: RoomWords): string {
  if (seatsLeft >= 2 * place) return words.oddsGood;
  return seatsLeft >= place / 2 ? words.oddsFair : words.oddsLow;
}

/** Owns how amounts, times and names are written in a mail: plain text that reads the same everywhere. */

import type { Money } from "../../actors/domain/money.ts";

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `KRW 120,000`, `USD 12.50`: as many decimals as the currency has minor units (ISO 4217, as ECMA-402 §15.5 requires of Intl). */
export function writtenMoney({ amount, currency }: Money): string {
  const { maximumFractionDigits: decimals = 0 } = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
  }).resolvedOptions();
  const digits = String(amount).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals === 0 ? `${currency} ${whole}` : `${currency} ${whole}.${digits.slice(-decimals)}`;
}

/** `Tue 1 Dec 2026`: the date at the place, from an ISO 8601 time with offset. */
export function writtenDate(local: string): string {
  const [year = 0, month = 1, day = 1] = local.slice(0, 10).split("-").map(Number);
  const weekday = WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  return `${weekday} ${day} ${MONTHS[month - 1]} ${year}`;
}

/** `Tue 1 Dec 2026, 09:30` */
export function writtenTime(local: string): string {
  return `${writtenDate(local)}, ${local.slice(11, 16)}`;
}

/** A name in one line, so that nobody's name can forge the lines around it. */
export function writtenName(name: string): string {
  return name.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

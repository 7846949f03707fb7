/** Owns how dates, times, money and numbers are written in each language. */

import type { Money } from "../../../actors/domain/money.ts";
import type { Language } from "../language.ts";

const LOCALES: Readonly<Record<Language, string>> = { ko: "ko-KR", en: "en-GB" };

const formats = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat>();

function once<Format extends Intl.DateTimeFormat | Intl.NumberFormat>(key: string, make: () => Format): Format {
  const known = formats.get(key) as Format | undefined;
  if (known !== undefined) return known;
  const made = make();
  formats.set(key, made);
  return made;
}

function dateFormat(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return once(language + JSON.stringify(options), () => new Intl.DateTimeFormat(LOCALES[language], options));
}

/** `₩58,000`, and in Korean `58,000원`, as people there write it. */
export function formatMoney(language: Language, { amount, currency }: Money): string {
  const format = once(`${language}${currency}`, () => {
    const options = { style: "currency", currency, currencyDisplay: "narrowSymbol" } as const;
    return new Intl.NumberFormat(LOCALES[language], options);
  });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 0;
  const value = amount / 10 ** digits;
  return language === "ko" && currency === "KRW" ? `${formatNumber(language, value)}원` : format.format(value);
}

export function formatNumber(language: Language, value: number): string {
  return once(`number ${language}`, () => new Intl.NumberFormat(LOCALES[language])).format(value);
}

/** The wall clock of an ISO 8601 time with an offset, as if it were UTC. */
function wallClock(local: string): Date {
  return new Date(`${local.slice(0, 16)}Z`);
}

/** `06:45`: @param local ISO 8601 with the offset of the place */
export function formatTime(language: Language, local: string): string {
  return dateFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC" }).format(
    wallClock(local),
  );
}

/** `plain` has no weekday, as dates of birth have none; `short` no year. */
export type DateStyle = "long" | "plain" | "short";

const DATE_STYLES: Readonly<Record<Language, Readonly<Record<DateStyle, Intl.DateTimeFormatOptions>>>> = {
  en: {
    long: { weekday: "short", day: "numeric", month: "long", year: "numeric" },
    plain: { day: "numeric", month: "short", year: "numeric" },
    short: { weekday: "short", day: "numeric", month: "short" },
  },
  ko: {
    long: { weekday: "short", day: "numeric", month: "long", year: "numeric" },
    plain: { day: "numeric", month: "long", year: "numeric" },
    short: { weekday: "short", day: "numeric", month: "numeric" },
  },
};

/** @param date `YYYY-MM-DD`, or a local time that begins so */
export function formatDate(language: Language, date: string, style: DateStyle = "long"): string {
  const format = dateFormat(language, { ...DATE_STYLES[language][style], timeZone: "UTC" });
  const text = format.format(new Date(`${date.slice(0, 10)}T00:00Z`));
  // Bun [1.4.5] and some browsers leave out the brackets that a Korean day of the week stands in.
  return language === "ko" ? text.replace(/ ([월화수목금토일])$/, " ($1)") : text;
}

/** The reader's own clock: @param iso a time with its zone */
export function formatMoment(language: Language, iso: string): string {
  return dateFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(iso));
}

export function countryName(language: Language, country: string): string {
  return new Intl.DisplayNames(LOCALES[language], { type: "region" }).of(country) ?? country;
}

/** Whether it is a day that the calendar has, as `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const atMs = Date.parse(`${text}T00:00Z`);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text);
}

/** Calendar days between two local dates. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to.slice(0, 10)}T00:00Z`) - Date.parse(`${from.slice(0, 10)}T00:00Z`)) / 86_400_000);
}

/** @param date `YYYY-MM-DD` */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** The reader's own date, `YYYY-MM-DD`. */
export function localDate(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** `14:05` of 845 seconds. */
export function formatCountdown(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

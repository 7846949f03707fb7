/** Owns dates and days of operation: days are numbers, counted from 1970-01-01, so that nothing depends on a time zone. */

export const MS_PER_DAY = 86_400_000;

export interface OperatingDays {
  /** First and last day of the period, inclusive. */
  readonly fromDay: number;
  readonly toDay: number;
  /** Bit 0 is Monday. */
  readonly weekdays: number;
  /** 2 for a fortnightly frequency. */
  readonly everyWeeks: 1 | 2;
}

/** `00XXX00`: the period has no limit on this side but that of the schedule. */
export const OPEN = "open";

const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");

/** A `DDMMMYY` field. Years are of this century; null when there is no such date. */
export function readDate(text: string): number | typeof OPEN | null {
  if (text === "00XXX00") return OPEN;
  const match = /^(\d\d)([A-Z]{3})(\d\d)$/.exec(text);
  if (match === null) return null;
  const month = MONTHS.indexOf(match[2] ?? "");
  if (month < 0) return null;
  const atMs = Date.UTC(2000 + Number(match[3]), month, Number(match[1]));
  const date = new Date(atMs);
  if (date.getUTCMonth() !== month || date.getUTCDate() !== Number(match[1])) return null;
  return atMs / MS_PER_DAY;
}

/** Bits of the days that fly. Each day has its own column; a day without flights is blank, or 0 as some write it. */
export function readWeekdays(text: string): number | null {
  let bits = 0;
  for (let column = 0; column < 7; column++) {
    const mark = text[column];
    if (mark === String(column + 1)) bits |= 1 << column;
    else if (mark !== " " && mark !== "0") return null;
  }
  return bits === 0 ? null : bits;
}

/** `2005-05-23`. */
export function isoDateOf(day: number): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
}

/** The day of `2005-05-23`, or null when that is no date. */
export function dayOfIso(date: string): number | null {
  const atMs = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(atMs) || isoDateOf(atMs / MS_PER_DAY) !== date) return null;
  return atMs / MS_PER_DAY;
}

/** Monday is 0. */
function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** Whether the flight operates on a day within its period. Fortnights are counted from the period's first day (SSIM chapter 2). */
function operatesOn(days: OperatingDays, day: number): boolean {
  if ((days.weekdays & (1 << weekdayOf(day))) === 0) return false;
  return Math.floor((day - days.fromDay) / 7) % days.everyWeeks === 0;
}

export function* eachDay(days: OperatingDays): Generator<number> {
  for (let day = days.fromDay; day <= days.toDay; day++) {
    if (operatesOn(days, day)) yield day;
  }
}

/** The first day of operation, or null when the period has none. */
export function firstDay(days: OperatingDays): number | null {
  for (const day of eachDay(days)) return day;
  return null;
}

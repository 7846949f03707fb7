/** Owns the clock times of a leg: when it leaves and arrives in UTC, and whether its date variation agrees with the clock. */

export const MINUTES_PER_DAY = 1_440;

/** UTC variations reach from −12:00 to +14:00; the manual's fictitious points go to 14 on either side. */
const OFFSET_MINUTES_MAX = 14 * 60;

/** `0000` to `2359`, in minutes: departures at midnight are written 0000 (SSIM chapter 2). */
export function readDepartureTime(text: string): number | null {
  const match = /^([01]\d|2[0-3])([0-5]\d)$/.exec(text);
  return match === null ? null : Number(match[1]) * 60 + Number(match[2]);
}

/** As a departure, and `2400`, which is how an arrival at the end of the day is written. */
export function readArrivalTime(text: string): number | null {
  return text === "2400" ? MINUTES_PER_DAY : readDepartureTime(text);
}

/** `+0400`: how far local time is ahead of UTC, in minutes. */
export function readOffset(text: string): number | null {
  const match = /^([+-])(\d\d)([0-5]\d)$/.exec(text);
  if (match === null) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  if (minutes > OFFSET_MINUTES_MAX) return null;
  return match[1] === "-" ? -minutes : minutes;
}

/** Days after the date of the itinerary's origin; null where nothing is said. */
export interface DateVariation {
  readonly departureDays: number | null;
  readonly arrivalDays: number | null;
}

const UNSAID: DateVariation = { departureDays: null, arrivalDays: null };

/** Two marks, of departure and arrival: 0 to 7 days later, `A` the day before, blank for unsaid. */
export function readDateVariation(text: string): DateVariation | null {
  if (text === "  ") return UNSAID;
  if (!/^[0-7A ]{2}$/.test(text)) return null;
  const days = (mark: string): number | null => (mark === " " ? null : mark === "A" ? -1 : Number(mark));
  return { departureDays: days(text.slice(0, 1)), arrivalDays: days(text.slice(1)) };
}

/** Minutes from a time of day until the next `later` time of day; 0 when they are the same. */
export function minutesUntil(earlier: number, later: number): number {
  return (((later - earlier) % MINUTES_PER_DAY) + MINUTES_PER_DAY) % MINUTES_PER_DAY;
}

/**
 * On which day, counted from the one on which the leg leaves, the clocks of the arrival show it for the first time
 * after the departure. All four in minutes: the times of day as written, and how far each clock is ahead of UTC.
 */
export function arrivalDay(departure: number, departureOffset: number, arrival: number, arrivalOffset: number): number {
  const block = minutesUntil(departure - departureOffset, arrival - arrivalOffset);
  return (block + departure - departureOffset - arrival + arrivalOffset) / MINUTES_PER_DAY;
}

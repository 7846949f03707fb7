/** Owns a read schedule: the flights that its legs stand for, and the move of a whole season to another start. */

import type { Airports } from "../catalogue/airports.ts";
import { flownKm, priced } from "../catalogue/fares.ts";
import { flightIdOf, localIso, type PlannedCabin, type PlannedFlight } from "../catalogue/planned-flight.ts";
import { eachDay, firstDay, isoDateOf, MS_PER_DAY } from "./calendar.ts";
import { type Leg, localDayOf } from "./leg.ts";

/** More flights than this are not taken from one file. */
export const FLIGHTS_MAX = 1_000_000;

export interface Schedule {
  readonly legs: readonly Leg[];
  /** Records of the file, padding left out. */
  readonly records: number;
  /** How many flights the legs stand for. */
  readonly flights: number;
  /** Leg records that are not sold: those that another airline operates, and the rest by service type. */
  readonly notSold: { readonly codeshares: number; readonly byServiceType: Readonly<Record<string, number>> };
}

/** How many flights the legs stand for, or the leg at which they become more than {@link FLIGHTS_MAX}. */
export function countFlights(legs: readonly Leg[]): number | Leg {
  let flights = 0;
  for (const leg of legs) {
    for (const _ of eachDay(leg.days)) {
      flights += 1;
      if (flights > FLIGHTS_MAX) return leg;
    }
  }
  return flights;
}

/** The local date of the first departure; null for a schedule without flights. */
function firstDepartureDay(schedule: Schedule): number | null {
  let first: number | null = null;
  for (const leg of schedule.legs) {
    const day = firstDay(leg.days);
    if (day === null) continue;
    const localDay = localDayOf(leg, day);
    if (first === null || localDay < first) first = localDay;
  }
  return first;
}

/**
 * By how many days a season moves so that its first departure is on or after `startDay`, and as early as that allows:
 * whole weeks, so that every flight keeps its day of the week. Negative for a season that lies later.
 */
export function shiftToStart(schedule: Schedule, startDay: number): number {
  const first = firstDepartureDay(schedule);
  return first === null ? 0 : Math.ceil((startDay - first) / 7) * 7;
}

/**
 * The flights of a schedule, leg by leg, made one at a time: an import stages them in batches.
 *
 * @param shiftDays Moves every flight; see {@link shiftToStart}. UTC variations stay those of the file. @default 0
 */
export function* flightsOf(schedule: Schedule, airports: Airports, shiftDays = 0): Generator<PlannedFlight> {
  for (const leg of schedule.legs) {
    const cabins = priced(leg.cabins, flownKm(airports, leg.origin, leg.destination, leg.blockMinutes));
    for (const day of eachDay(leg.days)) yield flightOn(leg, day + shiftDays, cabins);
  }
}

function flightOn(leg: Leg, day: number, cabins: readonly PlannedCabin[]): PlannedFlight {
  const departsAtMs = day * MS_PER_DAY + leg.departsAfterMinutes * 60_000;
  const arrivesAtMs = departsAtMs + leg.blockMinutes * 60_000;
  const localDate = isoDateOf(localDayOf(leg, day));
  return {
    id: flightIdOf(leg.airline, leg.number, leg.suffix, localDate, leg.origin),
    airline: leg.airline,
    number: leg.number,
    ...(leg.suffix === undefined ? {} : { suffix: leg.suffix }),
    origin: leg.origin,
    destination: leg.destination,
    departsAtMs,
    arrivesAtMs,
    departsLocal: localIso(departsAtMs, leg.departureOffsetMinutes),
    arrivesLocal: localIso(arrivesAtMs, leg.arrivalOffsetMinutes),
    localDate,
    aircraft: leg.aircraft,
    cabins,
  };
}

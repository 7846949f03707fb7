/** Owns the flight leg record: what it says of times, days and seats, and whether its seats are ours to sell. */

import type { CabinSize } from "../catalogue/planned-flight.ts";
import { firstDay, OPEN, type OperatingDays, readDate, readWeekdays } from "./calendar.ts";
import {
  arrivalDay,
  MINUTES_PER_DAY,
  minutesUntil,
  readArrivalTime,
  readDateVariation,
  readDepartureTime,
  readOffset,
} from "./clock-time.ts";
import { LEG, LEG_NAME } from "./fields.ts";
import type { FileRecord } from "./file-record.ts";

/** What a carrier record says of the legs that follow it. */
export interface Carrier {
  readonly airline: string;
  /** Whether times, days and periods are in UTC; otherwise they are local. */
  readonly inUtc: boolean;
  readonly validFrom: number | typeof OPEN;
  readonly validTo: number | typeof OPEN;
}

/** A leg that is sold: as many flights as it has days of operation. */
export interface Leg {
  readonly line: number;
  readonly airline: string;
  readonly number: number;
  readonly suffix: string | undefined;
  readonly origin: string;
  readonly destination: string;
  readonly aircraft: string;
  readonly cabins: readonly CabinSize[];
  /** In the time mode of the file. */
  readonly days: OperatingDays;
  /** From 00:00 UTC on the day of operation until passengers leave; negative where local time is ahead. */
  readonly departsAfterMinutes: number;
  /** From the departure of passengers to their arrival. */
  readonly blockMinutes: number;
  /** How far local time is ahead of UTC, as the file has it: its fields rule, not the time zones of today. */
  readonly departureOffsetMinutes: number;
  readonly arrivalOffsetMinutes: number;
}

/** A flight leg record whose seats and segments have not been looked at yet. */
export interface LegRecord extends Omit<Leg, "cabins"> {
  readonly itinerary: string;
  readonly sequence: number;
  readonly service: string;
  /** The record itself says that another airline operates it as a flight of its own. */
  readonly codeshare: boolean;
  readonly configuration: string;
  /** Days after the itinerary's first departure, where the record says so. */
  readonly departureDays: number | null;
}

/** Passenger services; all others carry freight, crews or nobody, or are charters of somebody else (SSIM appendix C). */
const SOLD_SERVICES = "JSUBGQR";

/** `L` and `Z`: the flight is another airline's, sold there. `S` and `X`, wet leases, are this airline's own seats. */
const CODESHARE = "LZ";

/** Between terminal and aircraft by bus: a longer way is a slip of the file. */
const TRANSFER_MINUTES_MAX = 180;

/** A period without end, in a schedule without end. */
const OPEN_PERIOD_DAYS = 366;

export function isSold(service: string): boolean {
  return SOLD_SERVICES.includes(service);
}

/** What an itinerary is known by: bytes 2 to 11, and the overflow without which variation 101 would look like 01. */
export function itineraryOf(record: FileRecord, overflow: string): string {
  return `${record.get(LEG_NAME.suffix)}${record.get(LEG_NAME.airline)}${record.get(LEG_NAME.number)}${record.get(LEG_NAME.variation)}${overflow}`;
}

/** Reads the fields of which a leg's name is made, as they stand in both flight leg and segment data records. */
export function readLegName(record: FileRecord, carrier: Carrier): { number: number; sequence: number } {
  record.matching(LEG_NAME.suffix, /^[A-Z ]$/, "a letter or blank");
  const airline = record.get(LEG_NAME.airline).trimEnd();
  if (airline !== carrier.airline) {
    record.reject(LEG_NAME.airline, `it stands under the carrier record of ${carrier.airline}`);
  }
  const number = record.reading(LEG_NAME.number, readFlightNumber, "a number from 1 to 9999, right-justified", 0);
  record.matching(LEG_NAME.variation, /^\d\d$/, "two digits");
  const sequence = record.matching(LEG_NAME.sequence, /^(?!00)\d\d$/, "a number from 01 to 99");
  record.matching(LEG_NAME.service, /^[A-Z]$/, "a service type");
  return { number, sequence: Number(sequence) };
}

/** Reads a flight leg record; null after a problem. */
export function readLeg(record: FileRecord, carrier: Carrier): LegRecord | null {
  const { number, sequence } = readLegName(record, carrier);
  const overflow = record.matching(LEG.overflow, /^[A-Z0-9 ]$/, "a letter, a digit or blank");
  if (record.get(LEG.variation) === "00" && overflow === " ") {
    record.reject(LEG.variation, "variations are counted from 01");
  }
  const origin = record.matching(LEG.origin, STATION, "a location identifier of three letters");
  const destination = record.matching(LEG.destination, STATION, "a location identifier of three letters");
  const aircraft = record.matching(LEG.aircraft, /^[A-Z0-9]{3}$/, "an aircraft type of three characters");
  const disclosure = record.matching(LEG.disclosure, /^[LSXZ ]$/, "L, S, X, Z or blank");
  const times = readTimes(record, carrier, sequence);
  const days = readDays(record, carrier, times.departureDays ?? 0);
  if (!record.sound) return null;
  const suffix = record.get(LEG.suffix);
  return {
    line: record.line,
    itinerary: itineraryOf(record, overflow),
    sequence,
    service: record.get(LEG.service),
    codeshare: CODESHARE.includes(disclosure),
    configuration: record.get(LEG.configuration),
    airline: carrier.airline,
    number,
    suffix: suffix === " " ? undefined : suffix,
    origin,
    destination,
    aircraft,
    days,
    ...times,
  };
}

export const STATION = /^[A-Z]{3}$/;

/** Zeros in front don't make another flight: 0102 is 102. */
function readFlightNumber(text: string): number | null {
  const number = /^ *\d+$/.test(text) ? Number(text) : 0;
  return number > 0 ? number : null;
}

type Times = Pick<
  LegRecord,
  "departsAfterMinutes" | "blockMinutes" | "departureOffsetMinutes" | "arrivalOffsetMinutes" | "departureDays"
>;

/**
 * Days and periods belong to the departure of the aircraft on this very leg: those of later legs are already moved
 * (SSIM chapter 2, "Period of Operation"; the manual's example has SFO-HKG on 1234 and HKG-SIN, a day later, on 2345).
 * So the date variation, which counts from the itinerary's first departure, moves nothing; it can only contradict.
 */
function readTimes(record: FileRecord, carrier: Carrier, sequence: number): Times {
  const clock = "a time of the day, hhmm";
  const departure = record.reading(LEG.departure, readDepartureTime, clock, 0);
  const passengerDeparture = record.reading(LEG.passengerDeparture, readDepartureTime, clock, 0);
  const arrival = record.reading(LEG.arrival, readArrivalTime, clock, 0);
  const passengerArrival = record.reading(LEG.passengerArrival, readArrivalTime, clock, 0);
  const departureOffsetMinutes = record.reading(LEG.departureOffset, readOffset, "a UTC variation, ±hhmm", 0);
  const arrivalOffsetMinutes = record.reading(LEG.arrivalOffset, readOffset, "a UTC variation, ±hhmm", 0);
  const unsaid = { departureDays: null, arrivalDays: null };
  const variation = record.reading(LEG.dateVariation, readDateVariation, "two of 0 to 7, A and blank", unsaid);
  const { departureDays, arrivalDays } = variation;
  if (sequence === 1 && departureDays !== null && departureDays !== 0) {
    record.reject(LEG.dateVariation, "the first leg leaves on the itinerary's own date");
  }

  const departureClock = carrier.inUtc ? 0 : departureOffsetMinutes;
  const arrivalClock = carrier.inUtc ? 0 : arrivalOffsetMinutes;
  const flown = minutesUntil(departure - departureClock, arrival - arrivalClock);
  const toAircraft = minutesUntil(passengerDeparture, departure);
  const fromAircraft = minutesUntil(arrival, passengerArrival);
  const clocks = [LEG.departure, LEG.arrival, LEG.departureOffset, LEG.arrivalOffset, LEG.dateVariation];
  if (record.took(...clocks)) {
    if (flown === 0) record.reject(LEG.arrival, "it arrives at the moment of its departure");
    const byClock = arrivalDay(departure, departureClock, arrival, arrivalClock);
    if (flown !== 0 && arrivalDays !== null && arrivalDays - (departureDays ?? 0) !== byClock) {
      const said = arrivalDays - (departureDays ?? 0);
      record.reject(
        LEG.dateVariation,
        `says that it arrives ${said} day(s) after it leaves; by its times it is ${byClock}`,
      );
    }
  }
  if (record.took(LEG.departure, LEG.arrival, LEG.passengerDeparture, LEG.passengerArrival)) {
    if (toAircraft > TRANSFER_MINUTES_MAX) {
      record.reject(LEG.passengerDeparture, `more than ${TRANSFER_MINUTES_MAX} minutes before the aircraft leaves`);
    }
    if (fromAircraft > TRANSFER_MINUTES_MAX) {
      record.reject(LEG.passengerArrival, `more than ${TRANSFER_MINUTES_MAX} minutes after the aircraft arrives`);
    }
  }
  return {
    departsAfterMinutes: departure - departureClock - toAircraft,
    blockMinutes: toAircraft + flown + fromAircraft,
    departureOffsetMinutes,
    arrivalOffsetMinutes,
    departureDays,
  };
}

/** An open side of the period is that of the schedule, as it applies to the itinerary's first leg (SSIM chapter 2). */
function readDays(record: FileRecord, carrier: Carrier, departureDays: number): OperatingDays {
  const from = record.reading(LEG.from, readDate, "a date, ddMMMyy", OPEN);
  const to = record.reading(LEG.to, readDate, "a date, ddMMMyy", OPEN);
  const weekdays = record.reading(LEG.days, readWeekdays, "the days 1 to 7, each in its column", 0);
  const everyWeeks = record.matching(LEG.frequency, /^[2 ]$/, "2 or blank") === "2" ? 2 : 1;
  const nothing: OperatingDays = { fromDay: 0, toDay: -1, weekdays, everyWeeks };
  if (!record.took(LEG.from, LEG.to, LEG.days, LEG.frequency)) return nothing;

  const fromDay = from !== OPEN ? from : carrier.validFrom !== OPEN ? carrier.validFrom + departureDays : null;
  if (fromDay === null) {
    record.reject(LEG.from, "neither the leg nor its schedule says when it begins");
    return nothing;
  }
  const scheduleEnd = carrier.validTo !== OPEN ? carrier.validTo + departureDays : fromDay + OPEN_PERIOD_DAYS - 1;
  const days: OperatingDays = { fromDay, toDay: to !== OPEN ? to : scheduleEnd, weekdays, everyWeeks };
  if (days.toDay < days.fromDay) record.reject(LEG.to, "the period ends before it begins");
  else if (everyWeeks === 2 && (from === OPEN || to === OPEN)) {
    record.reject(LEG.frequency, "a fortnightly period says on which dates it begins and ends");
  } else {
    const first = firstDay(days);
    if (first === null) record.reject(LEG.days, "none of these days is in the period");
    else if (everyWeeks === 2 && first !== fromDay) {
      record.reject(
        LEG.from,
        "a fortnightly period begins on its first day of operation, or it is unknown in which weeks it flies",
      );
    }
  }
  return days;
}

/** The day of the local date on which passengers leave, when the leg operates on `day`. */
export function localDayOf(leg: Pick<Leg, "departsAfterMinutes" | "departureOffsetMinutes">, day: number): number {
  return day + Math.floor((leg.departsAfterMinutes + leg.departureOffsetMinutes) / MINUTES_PER_DAY);
}

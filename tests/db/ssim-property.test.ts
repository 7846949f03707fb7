/** Goal: any schedule that is written comes back as the same flights, and no damaged file crashes or is taken in part. */

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { CabinSize, PlannedFlight } from "../../db/catalogue/planned-flight.ts";
import { readSsim } from "../../db/ssim/read.ts";
import { flightsIn, scheduleOf } from "./ssim/reading.ts";
import { carrier, fileOf, leg, segment } from "./ssim/writer.ts";

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

interface Plan {
  readonly number: number;
  readonly suffix: string;
  readonly fromMs: number;
  readonly days: number;
  /** Monday first. */
  readonly weekdays: readonly boolean[];
  readonly fortnightly: boolean;
  readonly departure: number;
  readonly departureOffset: number;
  readonly block: number;
  readonly arrivalOffset: number;
  readonly cabins: readonly (readonly [string, number])[];
  readonly saysArrival: boolean;
}

const plan: fc.Arbitrary<Plan> = fc.record({
  number: fc.integer({ min: 1, max: 9999 }),
  suffix: fc.constantFrom("", "A", "Z"),
  fromMs: fc.integer({ min: 0, max: 36_000 }).map((day) => Date.UTC(2000, 0, 1) + day * MS_PER_DAY),
  days: fc.integer({ min: 1, max: 60 }),
  weekdays: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
  fortnightly: fc.boolean(),
  departure: fc.integer({ min: 0, max: 1439 }),
  departureOffset: fc.integer({ min: -56, max: 56 }).map((quarters) => quarters * 15),
  block: fc.integer({ min: 1, max: 1439 }),
  arrivalOffset: fc.integer({ min: -56, max: 56 }).map((quarters) => quarters * 15),
  cabins: fc.uniqueArray(fc.tuple(fc.constantFrom("F", "J", "W", "Y"), fc.integer({ min: 1, max: 240 })), {
    minLength: 1,
    maxLength: 4,
    selector: ([cabin]) => cabin,
  }),
  saysArrival: fc.boolean(),
});

const weekday = (ms: number): number => (new Date(ms).getUTCDay() + 6) % 7;
const two = (value: number): string => String(value).padStart(2, "0");
const hhmm = (minutes: number): string => two(Math.floor(minutes / 60)) + two(minutes % 60);
const sign = (minutes: number): string => (minutes < 0 ? "-" : "+") + hhmm(Math.abs(minutes));
const ddMMMyy = (ms: number): string => {
  const date = new Date(ms);
  return two(date.getUTCDate()) + MONTHS[date.getUTCMonth()] + two(date.getUTCFullYear() % 100);
};

/** What must come back of a plan. */
type Returned = Pick<PlannedFlight, "id" | "departsAtMs" | "arrivesAtMs"> & { cabins: readonly CabinSize[] };

/** The dates on which it flies; the first date always does, as the manual asks of a fortnightly period. */
function datesOf(of: Plan): readonly number[] {
  const dates: number[] = [];
  for (let day = 0; day < of.days; day++) {
    const ms = of.fromMs + day * MS_PER_DAY;
    const flies = day === 0 || of.weekdays[weekday(ms)] === true || weekday(ms) === weekday(of.fromMs);
    if (flies && (!of.fortnightly || Math.floor(day / 7) % 2 === 0)) dates.push(ms);
  }
  return dates;
}

/** The arrival as its local clock shows it: minutes from 00:00 of the day of departure. */
const arrivalMinutes = (of: Plan): number => of.departure - of.departureOffset + of.block + of.arrivalOffset;

function written(of: Plan): string {
  const arrivalDay = Math.floor(arrivalMinutes(of) / 1440);
  const arrival = arrivalMinutes(of) - arrivalDay * 1440;
  return leg({
    number: String(of.number),
    suffix: of.suffix || " ",
    from: ddMMMyy(of.fromMs),
    to: ddMMMyy(of.fromMs + (of.days - 1) * MS_PER_DAY),
    days: of.weekdays.map((flies, at) => (flies || at === weekday(of.fromMs) ? String(at + 1) : " ")).join(""),
    frequency: of.fortnightly ? "2" : " ",
    departure: hhmm(of.departure),
    departureOffset: sign(of.departureOffset),
    arrival: hhmm(arrival),
    arrivalOffset: sign(of.arrivalOffset),
    configuration: `${of.cabins.map(([cabin, seats]) => cabin + seats).join("")}VV1`.slice(0, 20),
    dateVariation: of.saysArrival && arrivalDay >= -1 ? `0${arrivalDay < 0 ? "A" : arrivalDay}` : "  ",
  });
}

function expected(of: Plan): readonly Returned[] {
  return datesOf(of).map((ms) => {
    const departsAtMs = ms + (of.departure - of.departureOffset) * MS_PER_MINUTE;
    const date = new Date(ms).toISOString().slice(0, 10);
    return {
      id: `XX-${of.number}${of.suffix}-${date}-RUN`,
      departsAtMs,
      arrivesAtMs: departsAtMs + of.block * MS_PER_MINUTE,
      cabins: of.cabins.map(([cabin, capacity]) => ({ cabin, capacity })),
    };
  });
}

const plans = fc.uniqueArray(plan, { minLength: 1, maxLength: 8, selector: (of) => `${of.number}${of.suffix}` });

describe("readSsim()", () => {
  test("gives back the flights of any schedule that was written", () => {
    fc.assert(
      fc.property(plans, (schedule) => {
        const flights = flightsIn(fileOf(schedule.map(written)));
        const returned = flights.map(
          ({ id, departsAtMs, arrivesAtMs, cabins }): Returned => ({
            id,
            departsAtMs,
            arrivesAtMs,
            cabins: cabins.map(({ cabin, capacity }) => ({ cabin, capacity })),
          }),
        );
        expect(returned).toEqual(schedule.flatMap(expected));
        for (const flight of flights) {
          expect(flight.id).toMatch(/^[A-Za-z0-9-]{1,48}$/);
          expect(Date.parse(flight.departsLocal)).toBe(flight.departsAtMs);
          expect(Date.parse(flight.arrivesLocal)).toBe(flight.arrivesAtMs);
          expect(flight.departsLocal.slice(0, 10)).toBe(flight.localDate);
        }
      }),
      { numRuns: 200 },
    );
  });

  const sound = fileOf([
    leg({ to: "30JUN26", days: "1234567" }),
    leg({
      sequence: "02",
      to: "30JUN26",
      days: "1234567",
      origin: "MRU",
      destination: "DZA",
      departure: "1000",
      arrival: "1100",
    }),
    segment({ element: "010", points: "AB" }),
    leg({ number: "103", service: "F", configuration: "LL3" }),
  ]);
  const whole = scheduleOf(sound);

  test("never crashes on a changed byte, and takes all or nothing", () => {
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(255), (at, byte) => {
        const changed = Uint8Array.from(sound);
        changed[at] = byte;
        const reading = readSsim(changed);
        if (!reading.ok) {
          expect(reading.problems.length).toBeGreaterThan(0);
          return;
        }
        const { legs, records, notSold } = reading.schedule;
        const unsold = Object.values(notSold.byServiceType).reduce((sum, each) => sum + each, notSold.codeshares);
        expect(records).toBe(whole.records);
        expect(legs.length + unsold).toBe(3);
      }),
      { numRuns: 3000 },
    );
  });

  test("refuses a file that is cut off anywhere", () => {
    const end = Buffer.from(sound).lastIndexOf("E") + 7;
    for (let size = 0; size < end; size += 7) expect(readSsim(sound.subarray(0, size)).ok).toBe(false);
  });

  test("never crashes on bytes that were never a schedule", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(readSsim(bytes).ok).toBe(false);
      }),
    );
  });

  test("takes a carrier without legs as a schedule without flights", () => {
    expect(scheduleOf(fileOf([], carrier())).flights).toBe(0);
  });
});

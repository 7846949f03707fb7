/** Owns the demo timetable, which a first start puts into an empty database: the same flights for the same clock, always. */

import { present } from "../../actors/assert.ts";
import { type Airport, type Airports, distanceKm } from "./airports.ts";
import { DEMO_AIRLINE, DEMO_ROUTES, type DemoAircraft } from "./demo-network.ts";
import { priced } from "./fares.ts";
import { flightIdOf, localIso, type PlannedCabin, type PlannedFlight } from "./planned-flight.ts";

/** Flights leave within so many days from the start. */
export const DEMO_DAYS = 30;

const FIRST_NUMBER = 101;

/** Departures are spread over these hours of the day at the origin, far from the hours at which clocks change. */
const FIRST_DEPARTURE_MINUTE = 6 * 60;
const LAST_DEPARTURE_MINUTE = 22 * 60;

/** On the ground and in the climb, beside the way at cruising speed. */
const GROUND_MINUTES = 30;

const TIMETABLE_STEP_MINUTES = 5;

/** One flight number: it leaves each day at the same local time. */
interface Service {
  readonly number: number;
  readonly origin: Airport;
  readonly destination: Airport;
  readonly aircraft: DemoAircraft;
  readonly departureMinute: number;
  readonly blockMinutes: number;
  readonly cabins: readonly PlannedCabin[];
}

/** The flights of the demo airline that leave from `nowMs` on, for {@link DEMO_DAYS} days, by time of departure. */
export function demoTimetable(airports: Airports, nowMs: number): readonly PlannedFlight[] {
  const now = Temporal.Instant.fromEpochMilliseconds(nowMs);
  const endMs = now.add({ hours: DEMO_DAYS * 24 }).epochMilliseconds;
  const flights: PlannedFlight[] = [];
  for (const service of demoServices(airports)) {
    const today = now.toZonedDateTimeISO(service.origin.timeZone).toPlainDate();
    for (let day = 0; day <= DEMO_DAYS; day++) {
      const flight = flightOn(service, today.add({ days: day }));
      if (flight.departsAtMs >= nowMs && flight.departsAtMs < endMs) flights.push(flight);
    }
  }
  return flights.sort((a, b) => a.departsAtMs - b.departsAtMs || a.number - b.number);
}

function demoServices(airports: Airports): readonly Service[] {
  const services: Service[] = [];
  for (const { ends, daily, aircraft } of DEMO_ROUTES) {
    for (let turn = 0; turn < daily; turn++) {
      for (const [from, to] of [ends, [ends[1], ends[0]] as const]) {
        const origin = present(airports.find(from), `airport ${from}`);
        const destination = present(airports.find(to), `airport ${to}`);
        const distance = distanceKm(origin, destination);
        services.push({
          number: FIRST_NUMBER + services.length,
          origin,
          destination,
          aircraft,
          departureMinute: departureMinute(`${from}${to}`, turn, daily),
          blockMinutes: roundUp(GROUND_MINUTES + (distance / aircraft.speed) * 60),
          cabins: priced(aircraft.cabins, distance),
        });
      }
    }
  }
  return services;
}

/** Spreads a route's departures evenly over the day; a hash of the route keeps those of different routes apart. */
function departureMinute(route: string, turn: number, daily: number): number {
  const gap = (LAST_DEPARTURE_MINUTE - FIRST_DEPARTURE_MINUTE) / daily;
  let hash = 0;
  for (const letter of route) hash = (hash * 31 + letter.charCodeAt(0)) % 9_973;
  const minute = FIRST_DEPARTURE_MINUTE + gap * turn + (hash % gap);
  return Math.floor(minute / TIMETABLE_STEP_MINUTES) * TIMETABLE_STEP_MINUTES;
}

function roundUp(minutes: number): number {
  return Math.ceil(minutes / TIMETABLE_STEP_MINUTES) * TIMETABLE_STEP_MINUTES;
}

function flightOn(service: Service, date: Temporal.PlainDate): PlannedFlight {
  const { number, origin, destination, aircraft, departureMinute: minute, blockMinutes, cabins } = service;
  const departure = date.toZonedDateTime({
    timeZone: origin.timeZone,
    plainTime: { hour: Math.floor(minute / 60), minute: minute % 60 },
  });
  const arrival = departure.add({ minutes: blockMinutes }).withTimeZone(destination.timeZone);
  const localDate = departure.toPlainDate().toString();
  return {
    id: flightIdOf(DEMO_AIRLINE, number, undefined, localDate, origin.code),
    airline: DEMO_AIRLINE,
    number,
    origin: origin.code,
    destination: destination.code,
    departsAtMs: departure.epochMilliseconds,
    arrivesAtMs: arrival.epochMilliseconds,
    departsLocal: localIso(departure.epochMilliseconds, offsetMinutesOf(departure)),
    arrivesLocal: localIso(arrival.epochMilliseconds, offsetMinutesOf(arrival)),
    localDate,
    aircraft: aircraft.type,
    cabins,
  };
}

function offsetMinutesOf(time: Temporal.ZonedDateTime): number {
  return time.offsetNanoseconds / 60_000_000_000;
}

/** Owns what an operator must say of a new flight before the catalogue is asked to take it. */

import { type Static, t } from "elysia";
import { closed, integer } from "../plugins/fields.ts";
import { invalidField } from "../plugins/invalid-field.ts";
import type { PlannedFlight } from "./flight-publisher.ts";

/** As in a timetable file: the field of an aircraft's configuration has room for no more. */
const SEATS_MAX = 999;
const CABINS_MAX = 8;

/** In minor units; nine seats of it are still a safe integer. */
const FARE_MAX = 10_000_000_000;

/** A flight longer than this is a slip of the date. */
const FLIGHT_MS_MAX = 24 * 3_600_000;

/** A flight that leaves in more than fifty years is a slip of the year, and after 9999 its date would have no form that clients know. */
const DEPARTS_AHEAD_MS_MAX = 50 * 366 * 24 * 3_600_000;

const MS_PER_MINUTE = 60_000;

const airportCode = t.String({ pattern: "^[A-Z]{3}$", examples: ["GMP"] });

const localTime = t.String({
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(?::\\d\\d)?(?:Z|[+-]\\d\\d:\\d\\d)$",
  description: "Local time of the airport, with its offset.",
  examples: ["2027-03-01T08:00:00+09:00"],
});

export const newFlightBody = closed({
  airline: t.String({ pattern: "^[A-Z0-9]{2,3}$", examples: ["PG"] }),
  number: t.String({ pattern: "^[1-9][0-9]{0,3}[A-Z]?$", examples: ["101"] }),
  origin: airportCode,
  destination: airportCode,
  departsAt: localTime,
  arrivesAt: localTime,
  aircraft: t.String({ pattern: "^[A-Z0-9]{3}$", description: "IATA aircraft type.", examples: ["738"] }),
  cabins: t.Array(
    closed({
      cabin: t.String({ pattern: "^[A-Z]$", examples: ["Y"] }),
      capacity: integer({ minimum: 1, maximum: SEATS_MAX }),
      fare: closed({
        amount: integer({ minimum: 0, maximum: FARE_MAX }),
        currency: t.String({ pattern: "^[A-Z]{3}$", examples: ["KRW"] }),
      }),
    }),
    { minItems: 1, maxItems: CABINS_MAX, description: "Front to back." },
  ),
});

/** @throws Problem 400 VALIDATION that names the field */
export function plannedFlight(body: Static<typeof newFlightBody>, nowMs: number): PlannedFlight {
  const { airline, origin, destination, aircraft, cabins } = body;
  const departs = readLocalTime("departsAt", body.departsAt);
  const arrives = readLocalTime("arrivesAt", body.arrivesAt);
  if (departs.atMs <= nowMs) throw invalidField("departsAt", "The flight has left already.");
  if (departs.atMs > nowMs + DEPARTS_AHEAD_MS_MAX)
    throw invalidField("departsAt", "The flight leaves in more than fifty years.");
  if (arrives.atMs <= departs.atMs) throw invalidField("arrivesAt", "A flight arrives after it has left.");
  if (arrives.atMs - departs.atMs > FLIGHT_MS_MAX)
    throw invalidField("arrivesAt", "No flight takes longer than a day.");
  if (origin === destination) throw invalidField("destination", "A flight goes somewhere else.");
  checkCabins(cabins);
  const suffix = /[A-Z]$/.exec(body.number)?.[0];
  const localDate = departs.local.slice(0, 10);
  return {
    // DESIGN §9: airline-number[suffix]-departure date-origin.
    id: `${airline}-${body.number}-${localDate}-${origin}`,
    airline,
    number: Number.parseInt(body.number, 10),
    ...(suffix === undefined ? {} : { suffix }),
    origin,
    destination,
    departsAtMs: departs.atMs,
    arrivesAtMs: arrives.atMs,
    departsLocal: departs.local,
    arrivesLocal: arrives.local,
    localDate,
    aircraft,
    cabins,
  };
}

function checkCabins(cabins: PlannedFlight["cabins"]): void {
  const letters = new Set<string>();
  let seats = 0;
  for (const [at, { cabin, capacity, fare }] of cabins.entries()) {
    if (letters.has(cabin)) throw invalidField(`cabins[${at}].cabin`, `Cabin ${cabin} is named twice.`);
    letters.add(cabin);
    seats += capacity;
    if (fare.currency !== cabins[0]?.fare.currency) {
      throw invalidField(`cabins[${at}].fare.currency`, "The fares of a flight are in one currency.");
    }
  }
  if (seats > SEATS_MAX) throw invalidField("cabins", `A flight has at most ${SEATS_MAX} seats.`);
}

interface LocalTime {
  readonly atMs: number;
  /** In the one form that the catalogue keeps: with seconds, and `+00:00` for `Z`. */
  readonly local: string;
}

function readLocalTime(field: string, text: string): LocalTime {
  const offset = text.endsWith("Z") ? "+00:00" : text.slice(-6);
  const [hours = 0, minutes = 0] = offset.slice(1).split(":").map(Number);
  const offsetMs = (hours * 60 + minutes) * MS_PER_MINUTE * (offset.startsWith("-") ? -1 : 1);
  const atMs = Date.parse(text);
  const clock = Number.isNaN(atMs) ? "" : new Date(atMs + offsetMs).toISOString().slice(0, 19);
  // 30 February would have become another day.
  if (clock === "" || !text.startsWith(clock.slice(0, 16))) throw invalidField(field, "The calendar has no such time.");
  return { atMs, local: `${clock}${offset}` };
}

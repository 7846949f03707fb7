/** Owns the queries and answers of the catalogue's routes, as they are checked and documented. */

import { t } from "elysia";
import { calendarDate, closed, EXPECTED } from "../plugins/fields.ts";
import { pageAnswer, pageFields } from "../plugins/paging.ts";
import { moneyAnswer } from "../reservations/schemas.ts";

const airportCode = (description: string) =>
  t.String({ pattern: "^[A-Z]{3}$", [EXPECTED]: "three capital letters", description, examples: ["GMP"] });

const SORTS = ["departsAt", "-departsAt", "price", "-price", "duration", "-duration"] as const;

export const flightQuery = closed({
  origin: t.Optional(airportCode("IATA code of the airport of departure.")),
  destination: t.Optional(airportCode("IATA code of the airport of arrival.")),
  from: t.Optional(calendarDate("First local date of departure.")),
  to: t.Optional(calendarDate("Last local date of departure.")),
  ...pageFields,
  sort: t.Optional(
    t.UnionEnum(SORTS, {
      description: "`price` is the lowest fare; `-` is descending. `departsAt` if it isn't given.",
    }),
  ),
});

const local = t.String({ format: "date-time", description: "With the offset of the place." });

export const flightAnswer = t.Object({
  id: t.String({ examples: ["PG-101-2027-03-01-GMP"] }),
  airline: t.String(),
  number: t.String(),
  origin: t.String(),
  destination: t.String(),
  departsAt: t.String({ format: "date-time", description: "UTC." }),
  arrivesAt: t.String({ format: "date-time", description: "UTC." }),
  departsLocal: local,
  arrivesLocal: local,
  aircraft: t.String({ description: "IATA aircraft type." }),
  status: t.UnionEnum(["SCHEDULED", "DEPARTED"]),
  cabins: t.Array(t.Object({ cabin: t.String(), capacity: t.Integer(), free: t.Integer(), lowestFare: moneyAnswer })),
  waitingRoom: t.UnionEnum(["off", "prequeue", "open", "sold_out", "paused", "closed"]),
});

export const flightsAnswer = pageAnswer(flightAnswer);

export const airportsAnswer = pageAnswer(
  t.Object({
    code: t.String({ description: "IATA code." }),
    name: t.String(),
    city: t.Nullable(t.String()),
    country: t.Nullable(t.String({ description: "ISO 3166-1 alpha-2." })),
    timeZone: t.Nullable(t.String({ description: "IANA name." })),
  }),
);

/** Owns the boarding pass: a picture of a ticket of one's own, with the code that gates read. */

import { Elysia, status, t } from "elysia";
import { assert, present } from "../../actors/assert.ts";
import type { Clock } from "../../actors/clock.ts";
import type { FlightId, MemberId, SeatId } from "../../actors/domain/ids.ts";
import { checkDigit } from "../../actors/domain/ticket-number.ts";
import type { AirportLookup } from "../catalogue/airports.ts";
import type { CatalogueReader, StoredFlight } from "../catalogue/catalogue-reader.ts";
import type { SeatMaps } from "../live/seat-maps.ts";
import type { Authentication } from "../plugins/authentication.ts";
import { documented } from "../plugins/documented.ts";
import { etagOf, isFresh } from "../plugins/etag.ts";
import { noQuery } from "../plugins/fields.ts";
import { Problem } from "../problem.ts";
import type { ReservationReader, StoredReservation } from "../reservations/reservation-reader.ts";
import { placeName } from "../web/i18n/places.ts";
import { type BoardingData, bcbpOf, sequenceOf } from "./bcbp.ts";
import { boardingPassCard } from "./card.ts";
import { aztecSymbol } from "./symbol.ts";
import { travelName } from "./travel-name.ts";

export interface BoardingPassServices {
  readonly authentication: Authentication;
  readonly reservations: ReservationReader;
  readonly catalogue: CatalogueReader;
  readonly airportOf: AirportLookup;
  readonly seatMaps: SeatMaps;
  readonly clock: Clock;
}

const TICKET_NUMBER = /^\d{13}$/;
const SVG_TYPE = "image/svg+xml;charset=utf-8";

export function boardingPassRoutes(services: BoardingPassServices) {
  return new Elysia({ normalize: false }).get(
    "/api/v1/tickets/:number/boarding-pass.svg",
    async ({ params, request, set }) => {
      const { id: member } = await services.authentication.memberOf(request);
      const { data, flight } = await boardingData(services, member, params.number);
      const code = bcbpOf(data);
      const etag = etagOf(code + data.passenger + flight.departsLocal + flight.arrivesLocal);
      set.headers.etag = etag;
      // Whoever logs in at this browser next must not be shown it, and a cancelled ticket has none.
      set.headers["cache-control"] = "private, no-cache";
      if (isFresh(request.headers.get("if-none-match"), etag)) return status(304);
      set.headers["content-type"] = SVG_TYPE;
      return cardOf(data, flight, code, services.airportOf);
    },
    {
      query: noQuery,
      detail: documented({
        tag: "Tickets",
        who: "member",
        summary: "The boarding pass of one of my tickets",
        description:
          "One picture with everything in it. Its Aztec code says what IATA's Resolution 792 (version 6) wants, and is read by scanners at gates.",
        requestHeaders: ["If-None-Match"],
        answers: {
          200: {
            description: "The boarding pass.",
            schema: t.String(),
            mediaType: "image/svg+xml",
            headers: ["ETag", "Cache-Control"],
          },
          304: { description: "The client has this picture already.", headers: ["ETag", "Cache-Control"] },
        },
        problems: ["TICKET_NOT_FOUND", "TICKET_CANCELLED", "OVERLOADED", "UNAVAILABLE", "DEADLINE_EXCEEDED"],
      }),
    },
  );
}

interface Found {
  readonly data: BoardingData;
  readonly flight: StoredFlight;
}

/** @throws Problem 404 TICKET_NOT_FOUND, 409 TICKET_CANCELLED, and what {@link SeatMaps.read} throws */
async function boardingData(services: BoardingPassServices, member: MemberId, number: string | null): Promise<Found> {
  const { reservations, catalogue, airportOf, clock } = services;
  const ticket = number !== null && TICKET_NUMBER.test(number) ? await reservations.findTicket(number) : null;
  const reservation = ticket === null ? null : await reservations.find(ticket.reservationId);
  // Somebody else's looks the same as one that does not exist.
  if (ticket === null || reservation === null || reservation.member !== member) {
    throw new Problem(404, "TICKET_NOT_FOUND", "There is no such ticket.");
  }
  if (ticket.status === "CANCELLED") throw new Problem(409, "TICKET_CANCELLED", "The ticket was cancelled.");
  const flight = present(await catalogue.flight(reservation.flightId), `flight ${reservation.flightId} of a ticket`);
  const passenger = present(reservation.passengers[ticket.ordinal], "a ticket's passenger");
  const seat = passenger.seat ?? adultSeat(reservation, ticket.ordinal);
  const countries = [flight.origin, flight.destination].map((code) => airportOf(code)?.country);
  const data: BoardingData = {
    passenger: passenger.name,
    type: passenger.type,
    pnr: reservation.pnr,
    ticketNumber: ticket.number,
    origin: flight.origin,
    destination: flight.destination,
    airline: flight.airline,
    flightNumber: flight.number,
    date: flight.departsLocal.slice(0, 10),
    cabin: await cabinOf(services.seatMaps, reservation.flightId, seat),
    seat: passenger.seat,
    sequence: sequenceOf(seat, passenger.seat === null),
    isInternational: countries[0] === undefined || countries[0] !== countries[1],
    issued: dateThere(clock.nowMs(), flight.departsLocal),
  };
  return { data, flight };
}

/** The date of a moment, by the offset that a local time of the same place shows. */
function dateThere(atMs: number, local: string): string {
  const offsetMs = Date.parse(`${local.slice(0, 19)}Z`) - Date.parse(local);
  return new Date(atMs + offsetMs).toISOString().slice(0, 10);
}

/** The seat of the adult with whom an infant travels: the first infant with the first adult, and so on. */
function adultSeat({ passengers }: StoredReservation, ordinal: number): SeatId {
  const infantsBefore = passengers.slice(0, ordinal).filter(({ type }) => type === "INF").length;
  const seats = passengers.flatMap(({ type, seat }) => (type === "ADT" && seat !== null ? [seat] : []));
  return present(seats[infantsBefore] ?? seats[0], "an infant travels with an adult");
}

async function cabinOf(seatMaps: SeatMaps, flightId: FlightId, seat: SeatId): Promise<string> {
  const { json } = await seatMaps.read(flightId);
  const { seats }: { seats: readonly { readonly seat: SeatId; readonly cabin: string }[] } = JSON.parse(json);
  const found = seats.find((each) => each.seat === seat);
  assert(found !== undefined, () => `flight ${flightId} has the seat ${seat} that it sold`);
  return found.cabin;
}

function cardOf(data: BoardingData, flight: StoredFlight, code: string, airportOf: AirportLookup): string {
  // As the pages call it, in the alphabet that every gate reads.
  const city = (airport: string): string => placeName("en", airport, airportOf(airport));
  return boardingPassCard({
    ...data,
    travelName: travelName(data.passenger),
    from: { code: data.origin, city: city(data.origin), local: flight.departsLocal },
    to: { code: data.destination, city: city(data.destination), local: flight.arrivesLocal },
    checkDigit: checkDigit(data.ticketNumber),
    symbol: aztecSymbol(code),
  });
}

/**
 * Owns whether an answer tells what is so: a "yes" what was done, a "no" what stands against it. Whoever turns everybody away sells no seat
 * twice either.
 */

import type { SeatId } from "../../../actors/domain/ids.ts";
import type { Rejection, Reply } from "../../../actors/domain/reply.ts";
import { type FlightModel, hasSeats, type ModelReservation } from "./flight-model.ts";

/** What members ask of a flight, as far as an answer depends on it. Of those who sit either all name a seat or none. */
interface Asked {
  readonly passengers?: readonly { readonly type: "ADT" | "INF"; readonly seat?: SeatId; readonly person?: string }[];
  readonly reservationId?: string;
}

/** A key of a member's: the name that it has in the journal, and what was asked under it, which members write as its fingerprint. */
const OF_MEMBER = /^([^/]+)\/(hold|cancel|release|begin-payment)\//;

/**
 * @param flight as it is after the turn
 * @param seatsPerMember that a member may have
 * @returns what is wrong with the answer; null when it is true
 */
export function untrue(
  flight: FlightModel,
  key: { readonly name: string; readonly fingerprint: string; readonly reply: Reply },
  seatsPerMember: number,
): string | null {
  const [, member, op] = OF_MEMBER.exec(key.name) ?? [];
  if (member === undefined) return null;
  const asked: Asked = JSON.parse(key.fingerprint.slice(key.fingerprint.indexOf("{")));
  const { reply } = key;
  const why = reply.ok
    ? notDone(flight, op === "hold", asked, reply)
    : notInTheWay(flight, member, asked, reply.rejection, seatsPerMember);
  return why === null ? null : `${key.name} asked ${key.fingerprint} and was answered ${JSON.stringify(reply)}: ${why}`;
}

function notDone(flight: FlightModel, isHold: boolean, asked: Asked, { result }: Reply & { ok: true }): string | null {
  if (result.kind === "payment") {
    const attempt = flight.attempts.get(result.payment.id);
    if (attempt === undefined || attempt.reservation.id !== asked.reservationId) return "it is another's payment";
    return attempt.status === "PENDING" && result.payment.amount.amount === attempt.reservation.total
      ? null
      : `it is ${attempt.status}, for ${attempt.reservation.total}`;
  }
  if (result.kind !== "reservation") return "that was not asked for";
  const { id, status, passengers, total } = result.reservation;
  const known = flight.reservations.get(id);
  if (known === undefined) return "there is no such reservation";
  if (known.status !== status || known.total !== total.amount) return `it is ${known.status}, for ${known.total}`;
  const seats = passengers.map(({ seat }) => seat);
  if (String(seats.filter((seat) => seat !== null)) !== String(known.seats)) return `it has ${known.seats}`;
  if (!isHold) return id === asked.reservationId ? null : "it is another";
  const wanted = asked.passengers ?? [];
  const isAsAsked =
    wanted.length === seats.length &&
    wanted.every(({ type, seat }, at) => (type === "INF" ? seats[at] === null : (seat ?? seats[at]) === seats[at]));
  if (!isAsAsked) return "other seats were asked for";
  return hasTooManyInfants(wanted) ? "there are more infants than laps" : null;
}

function notInTheWay(
  flight: FlightModel,
  member: string,
  { passengers = [], reservationId = "" }: Asked,
  { code, seats = [], alternatives = [] }: Rejection,
  seatsPerMember: number,
): string | null {
  const reservation = flight.reservations.get(reservationId);
  switch (code) {
    case "SEAT_TAKEN": {
      const taken = passengers.flatMap(({ seat }) => (seat !== undefined && !isFree(flight, seat) ? seat : []));
      if (taken.length === 0 || String(taken) !== String(seats)) return `taken are ${taken}`;
      const wrong = alternatives.filter((seat) => !isFree(flight, seat));
      return wrong.length === 0 ? null : `${wrong} are taken, too`;
    }
    case "SOLD_OUT":
      return flight.free < seated(passengers) ? null : `${flight.free} seats are free`;
    case "LIMIT_EXCEEDED": {
      const own = [...flight.reservations.values()].filter((each) => each.member === member && hasSeats(each));
      const has = own.reduce((sum, each) => sum + each.seats.length, 0);
      const isSomebodyHere = passengers.some(({ person }) => person !== undefined && flight.sits(person));
      return isSomebodyHere || has + seated(passengers) > seatsPerMember ? null : `the member has ${has} seats`;
    }
    case "HOLD_EXPIRED":
      return among(reservation, ["EXPIRED"]);
    case "ALREADY_PAID":
      return among(reservation, ["TICKETED"]);
    case "NOT_PAYABLE":
      return among(reservation, ["PAYING", "CANCELLING", "CANCELLED", "RELEASED"]);
    case "NOT_RELEASABLE":
      return among(reservation, ["PAYING", "CANCELLING", "TICKETED"]);
    case "RESERVATION_NOT_FOUND":
      // What ended without a payment may be forgotten.
      return reservation?.member === member ? among(reservation, ["RELEASED", "EXPIRED"]) : null;
    default:
      return "nobody does anything here that has such an answer";
  }
}

/** Each sits on an adult's lap. */
export function hasTooManyInfants(passengers: readonly { readonly type: string }[]): boolean {
  return 2 * passengers.filter(({ type }) => type === "INF").length > passengers.length;
}

function among(reservation: ModelReservation | undefined, statuses: readonly string[]): string | null {
  if (reservation === undefined) return "there is no such reservation";
  return statuses.includes(reservation.status) ? null : `it is ${reservation.status}`;
}

function isFree({ holders, reservations }: FlightModel, seat: SeatId): boolean {
  const holder = holders.get(seat);
  return holder === undefined || reservations.get(holder)?.isOver === true;
}

function seated(passengers: Asked["passengers"] = []): number {
  return passengers.filter(({ type }) => type !== "INF").length;
}

/** Owns what is written to members, and which events cause it. */

import { unreachable } from "../../actors/assert.ts";
import type { PassengerType } from "../../actors/domain/command.ts";
import type { EventType, JournalEntry, RefundReason } from "../../actors/domain/event.ts";
import type { AttemptId, ReservationId } from "../../actors/domain/ids.ts";
import type { Money } from "../../actors/domain/money.ts";
import type { MailFlight, MailPassenger, MailReservation } from "./mail-directory.ts";
import { writtenDate, writtenMoney, writtenName, writtenTime } from "./wording.ts";

/** The events that may cause a letter. */
export const LETTER_EVENTS: readonly EventType[] = ["ticketed", "cancelled", "refund-due", "refunded"];

/** A letter that an entry causes; `ordinal` is the position of its event among all of the entry. */
export type DueLetter = { readonly ordinal: number } & (
  | { readonly kind: "ticket"; readonly reservation: ReservationId; readonly tickets: readonly string[] }
  | { readonly kind: "cancellation"; readonly reservation: ReservationId; readonly refund: AttemptId | null }
  /** Money came that bought nothing. */
  | { readonly kind: "refund"; readonly attempt: AttemptId; readonly reason: RefundReason }
  | { readonly kind: "refunded"; readonly attempt: AttemptId }
);

export interface Letter {
  readonly subject: string;
  readonly text: string;
}

export function lettersOf({ turns }: JournalEntry): DueLetter[] {
  const letters: DueLetter[] = [];
  let ordinal = 0;
  for (const { events } of turns) {
    const cancelled = events.some(({ type }) => type === "cancelled");
    const refund = events.find((event) => event.type === "refund-due");
    for (const event of events) {
      if (event.type === "ticketed") {
        letters.push({ ordinal, kind: "ticket", reservation: event.id, tickets: event.tickets });
      } else if (event.type === "cancelled") {
        letters.push({ ordinal, kind: "cancellation", reservation: event.id, refund: refund?.attempt ?? null });
      } else if (event.type === "refund-due" && !cancelled) {
        // With a cancellation its letter says that the money comes back.
        letters.push({ ordinal, kind: "refund", attempt: event.attempt, reason: event.reason });
      } else if (event.type === "refunded") {
        letters.push({ ordinal, kind: "refunded", attempt: event.attempt });
      }
      ordinal += 1;
    }
  }
  return letters;
}

export function ticketLetter(reservation: MailReservation, tickets: readonly string[]): Letter {
  const { pnr, flight, total } = reservation;
  return letter(`Your tickets for ${flightName(flight)} on ${writtenDate(flight.departsLocal)} (${pnr})`, reservation, [
    `Your reservation ${pnr} is paid and ticketed.`,
    itinerary(flight),
    reservation.passengers.map((passenger, at) => passengerLine(passenger, at, tickets[at])).join("\n"),
    `Total paid: ${writtenMoney(total)}`,
    "Have a good flight!",
  ]);
}

/** @param refund what is given back, or null when nothing was paid */
export function cancellationLetter(reservation: MailReservation, refund: Money | null): Letter {
  const { pnr, flight } = reservation;
  return letter(`Your reservation ${pnr} is cancelled`, reservation, [
    `Your reservation ${pnr} is cancelled, and its seats have been given up.`,
    itinerary(flight),
    refund === null
      ? "Nothing had been paid, so there is nothing to give back."
      : `We are giving back your payment of ${writtenMoney(refund)}, and write to you again once that is done.`,
  ]);
}

/** @param captured what was paid */
export function refundLetter(reservation: MailReservation, reason: RefundReason, captured: Money, due: Money): Letter {
  return letter(`We are giving back a payment for reservation ${reservation.pnr}`, reservation, [
    whyRefunded(reservation.pnr, reason, writtenMoney(captured), writtenMoney(due)),
    `We are giving back the full ${writtenMoney(captured)}, and write to you again once that is done. There is nothing that you need to do.`,
  ]);
}

export function refundedLetter(reservation: MailReservation, captured: Money): Letter {
  return letter(`We have given back ${writtenMoney(captured)} (${reservation.pnr})`, reservation, [
    `We have given back your payment of ${writtenMoney(captured)} for reservation ${reservation.pnr}.`,
    "How soon you see it depends on your bank or card issuer.",
  ]);
}

function whyRefunded(pnr: string, reason: RefundReason, captured: string, due: string): string {
  switch (reason) {
    case "SEATS_GONE":
      return `Your payment of ${captured} for reservation ${pnr} reached us too late: its seats could no longer be kept for you.`;
    case "NOT_THE_TICKETING_ATTEMPT":
      return `We received a payment of ${captured} for reservation ${pnr} that was no longer expected. Tickets that you already have for it stay valid.`;
    case "WRONG_PAYMENT":
      // To another merchant, or given back at the provider before it could buy anything.
      if (captured === due)
        return `We received a payment of ${captured} for reservation ${pnr} that we could not accept.`;
      return `We received a payment of ${captured} for reservation ${pnr}, which does not match the ${due} that was due, so we could not accept it.`;
    case "CANCELLED":
      return `Your reservation ${pnr} was cancelled after you had paid ${captured}.`;
    default:
      return unreachable(reason);
  }
}

function letter(subject: string, { member }: MailReservation, paragraphs: readonly string[]): Letter {
  const name = member === null || member.name === null ? "" : ` ${writtenName(member.name)}`;
  return { subject, text: [`Hello${name},`, ...paragraphs, "PigonAir\n"].join("\n\n") };
}

function itinerary(flight: MailFlight): string {
  return [
    `Flight:  ${flightName(flight)}`,
    `Departs: ${writtenTime(flight.departsLocal)} (local time)`,
    `Arrives: ${writtenTime(flight.arrivesLocal)} (local time)`,
  ].join("\n");
}

function flightName({ airline, number, origin, destination }: MailFlight): string {
  return `${airline} ${number} ${origin}-${destination}`;
}

const TYPE_NAMES: Readonly<Record<PassengerType, string>> = { ADT: "adult", CHD: "child", INF: "infant" };

function passengerLine({ name, type, seat }: MailPassenger, at: number, ticket: string | undefined): string {
  const who = name === null ? `Passenger ${at + 1}` : writtenName(name);
  const where = seat === null ? "on an adult's lap" : `seat ${seat}`;
  return `${at + 1}. ${who} (${TYPE_NAMES[type]}), ${where}${ticket === undefined ? "" : `, ticket ${ticket}`}`;
}

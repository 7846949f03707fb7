/**
 * Owns what is told outside of a flight's events: of each its type, and its data with a schema that documents it. No personal data is in
 * them; left out besides are hashes over persons, and addresses of checkouts, which whoever has them can open.
 */

import { madeId, memberId, moneyTold, passengerType, pnr, seatId } from "../../actors/bus/forms.ts";
import { count, list, nullable, oneOf, open, type Schema, text } from "../../actors/bus/schema.ts";
import type { EventType, FlightEvent } from "../../actors/domain/event.ts";

const MANY = Number.MAX_SAFE_INTEGER;

const reservationId = madeId;
const attempt = madeId;
const time = text({ expected: "a time of RFC 3339 in UTC", examples: ["2030-01-31T09:00:00.000Z"] });

const ofReservation = open({ reservationId });
const ofAttempt = open({ attempt });

interface EventKind {
  /** Follows `pigonair.` in the type, and `event.<flightId>.` in the subject. */
  readonly name: string;
  readonly summary: string;
  readonly data: Schema<object>;
}

/** By the journal's own word for it. */
export const EVENT_KINDS = {
  held: {
    name: "reservation.held",
    summary: "Seats were claimed for a member for a limited time.",
    data: open({
      reservationId,
      pnr,
      member: memberId,
      passengers: list(open({ type: passengerType, seat: nullable(seatId) }), 1, MANY, "In the order of the request."),
      total: count("In minor units of the flight's currency."),
      expiresAt: time,
    }),
  },
  released: { name: "reservation.released", summary: "The member gave the hold up.", data: ofReservation },
  expired: { name: "reservation.expired", summary: "The hold ran out.", data: ofReservation },
  "payment-begun": {
    name: "payment.begun",
    summary: "An attempt to pay began; the seats stay held until it has ended.",
    data: open({ reservationId, attempt, expiresAt: time }),
  },
  "payment-opened": { name: "payment.opened", summary: "The provider has opened the attempt.", data: ofAttempt },
  "payment-ended": {
    name: "payment.ended",
    summary: "The attempt ended without money.",
    data: open({ attempt, status: oneOf(["FAILED", "CANCELLED"]) }),
  },
  captured: {
    name: "payment.captured",
    summary: "Money came. It is followed by reservation.ticketed when it buys the seats, by refund.due otherwise.",
    data: open({ attempt, amount: moneyTold }),
  },
  ticketed: {
    name: "reservation.ticketed",
    summary: "The seats are sold.",
    data: open({
      reservationId,
      attempt,
      tickets: list(
        text({ expected: "a ticket number" }),
        1,
        MANY,
        "One for each passenger, in their order; 13 digits.",
      ),
    }),
  },
  retaken: {
    name: "reservation.retaken",
    summary: "An expired reservation took the same seats again, because its late payment found them free.",
    data: ofReservation,
  },
  cancelling: {
    name: "reservation.cancelling",
    summary: "It is to be cancelled, once its open payment has ended.",
    data: ofReservation,
  },
  cancelled: { name: "reservation.cancelled", summary: "It was cancelled; its seats are free.", data: ofReservation },
  "refund-due": {
    name: "refund.due",
    summary: "The attempt's money goes back.",
    data: open({ attempt, reason: oneOf(["CANCELLED", "SEATS_GONE", "NOT_THE_TICKETING_ATTEMPT", "WRONG_PAYMENT"]) }),
  },
  refunded: { name: "refund.made", summary: "The provider has given the attempt's money back.", data: ofAttempt },
} as const satisfies Record<EventType, EventKind>;

/** Every type of the journal's events: all of them are told. */
export const TOLD_EVENTS = Object.keys(EVENT_KINDS) as readonly EventType[];

type DataOf<T extends EventType> = NonNullable<(typeof EVENT_KINDS)[T]["data"]["carries"]>;
type ToldData = { [T in EventType]: DataOf<T> }[EventType];

/** What is told of the event. */
export function dataOf(event: FlightEvent): ToldData {
  switch (event.type) {
    case "held": {
      const { id, pnr, member, passengers, total, expiresAtMs } = event;
      const seated = passengers.map(({ type, seat }) => ({ type, seat }));
      const expiresAt = timeOf(expiresAtMs);
      return { reservationId: id, pnr, member, passengers: seated, total, expiresAt } satisfies DataOf<"held">;
    }
    case "payment-begun": {
      const { id, attempt, expiresAtMs } = event;
      return { reservationId: id, attempt, expiresAt: timeOf(expiresAtMs) } satisfies DataOf<"payment-begun">;
    }
    case "payment-ended":
      return { attempt: event.attempt, status: event.status } satisfies DataOf<"payment-ended">;
    case "captured": {
      const { attempt, amount, currency } = event;
      return { attempt, amount: { amount, currency } } satisfies DataOf<"captured">;
    }
    case "ticketed":
      return { reservationId: event.id, attempt: event.attempt, tickets: event.tickets } satisfies DataOf<"ticketed">;
    case "refund-due":
      return { attempt: event.attempt, reason: event.reason } satisfies DataOf<"refund-due">;
    case "payment-opened":
    case "refunded":
      return { attempt: event.attempt };
    case "released":
    case "expired":
    case "retaken":
    case "cancelling":
    case "cancelled":
      return { reservationId: event.id };
  }
}

/** What the event is about: CloudEvents' `subject`. */
export function aboutOf(event: FlightEvent): string {
  return "id" in event ? `reservations/${event.id}` : `payments/${event.attempt}`;
}

export function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

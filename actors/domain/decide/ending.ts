/** Owns how a reservation ends when its member gives it up, or its time runs out. */

import { unreachable } from "../../assert.ts";
import type { Command } from "../command.ts";
import type { FlightEvent } from "../event.ts";
import type { FlightState, Reservation } from "../state.ts";
import { reservationView } from "../views.ts";
import {
  accept,
  type Decision,
  flightDeparted,
  reachable,
  reject,
  reservationNotFound,
  type Situation,
} from "./decision.ts";

/** Gives up a hold, and nothing but a hold; one that has ended already stays as it is. */
export function release(situation: Situation, command: Command<"release">): Decision {
  const reservation = reachable(situation.state, command, command.args.reservationId);
  if (reservation === null) return reservationNotFound();
  switch (reservation.status) {
    case "HELD":
      return accept([{ type: "released", id: reservation.id }], shown(reservation));
    case "RELEASED":
    case "EXPIRED":
    case "CANCELLED":
      return accept([], shown(reservation));
    case "PAYING":
    case "CANCELLING":
    case "TICKETED":
      return reject("NOT_RELEASABLE", `A reservation that is ${reservation.status} is cancelled, not released.`);
    default:
      return unreachable(reservation.status);
  }
}

/** Ends the reservation in whatever state it is: DELETE of the HTTP contract. */
export function cancel({ state, nowMs }: Situation, command: Command<"cancel">): Decision {
  const reservation = reachable(state, command, command.args.reservationId);
  if (reservation === null) return reservationNotFound();
  switch (reservation.status) {
    case "HELD":
      return accept([{ type: "released", id: reservation.id }], shown(reservation));
    case "PAYING":
      return accept([{ type: "cancelling", id: reservation.id }], shown(reservation));
    case "TICKETED":
      if (nowMs >= state.plan.departsAtMs) return flightDeparted();
      return accept(refunded(reservation), shown(reservation));
    case "CANCELLING":
    case "CANCELLED":
    case "RELEASED":
    case "EXPIRED":
      return accept([], shown(reservation));
    default:
      return unreachable(reservation.status);
  }
}

/**
 * The timer of a hold. What is over has been dealt with before any decision of the turn, so that an early timer, or an old one that finds a
 * newer hold, ends nothing.
 */
export function expire(): Decision {
  return accept([], () => ({ kind: "done" }));
}

export function showReservation({ state }: Situation, command: Command<"reservation">): Decision {
  const reservation = reachable(state, command, command.args.reservationId);
  return reservation === null ? reservationNotFound() : accept([], shown(reservation));
}

function refunded(reservation: Reservation): FlightEvent[] {
  const cancelled: FlightEvent = { type: "cancelled", id: reservation.id };
  if (reservation.ticketedBy === null) return [cancelled];
  return [cancelled, { type: "refund-due", attempt: reservation.ticketedBy, reason: "CANCELLED" }];
}

function shown(reservation: Reservation) {
  return (state: FlightState) => ({ kind: "reservation", reservation: reservationView(state, reservation) }) as const;
}

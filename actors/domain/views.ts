/** Owns how a flight's state is shown to those who ask it. */

import { fareOf } from "./plan.ts";
import type { PaymentView, ReservationView, SeatMapView } from "./reply.ts";
import type { Attempt, FlightState, Reservation } from "./state.ts";

export function reservationView(state: FlightState, reservation: Reservation): ReservationView {
  const { plan } = state;
  const attempt = reservation.attempts.at(-1);
  return {
    id: reservation.id,
    pnr: reservation.pnr,
    flightId: plan.flightId,
    member: reservation.member,
    status: reservation.status,
    passengers: reservation.passengers.map(({ type, seat }, ordinal) => {
      const ticket = reservation.tickets[ordinal];
      return ticket === undefined ? { type, seat } : { type, seat, ticket };
    }),
    total: { amount: reservation.total, currency: plan.currency },
    expiresAtMs: reservation.expiresAtMs,
    ...(attempt === undefined ? {} : { payment: paymentView(state, attempt) }),
  };
}

export function paymentView(state: FlightState, attempt: Attempt): PaymentView {
  return {
    id: attempt.id,
    status: attempt.status,
    amount: { amount: attempt.amount, currency: state.plan.currency },
    checkoutUrl: attempt.checkoutUrl,
    expiresAtMs: attempt.expiresAtMs,
  };
}

export function seatMapView(state: FlightState): SeatMapView {
  const { plan, seatVersion } = state;
  return {
    flightId: plan.flightId,
    seatVersion,
    seats: plan.seatPlan.seats.map(({ seat, cabin, features }, index) => ({
      seat,
      cabin,
      price: { amount: fareOf(plan, cabin), currency: plan.currency },
      state: state.seatState(index),
      features,
    })),
  };
}

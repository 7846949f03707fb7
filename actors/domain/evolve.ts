/** Owns how a fact changes a flight: the only code that writes its state, in the first telling and in every replay alike. */

import { assert, present, unreachable } from "../assert.ts";
import type { Changes } from "./changes.ts";
import type { FlightEvent } from "./event.ts";
import type { ReservationStatus, SeatState } from "./reply.ts";
import { type Attempt, endedRows, FlightState, NONE, type Reservation } from "./state.ts";

export function evolve(state: FlightState, event: FlightEvent, atMs: number, changes: Changes): void {
  state.logicalMs = Math.max(state.logicalMs, atMs);
  switch (event.type) {
    case "held": {
      const seats: number[] = [];
      for (const { seat } of event.passengers) {
        if (seat !== null) seats.push(present(state.plan.seatPlan.indexOf(seat), () => `seat ${seat} of the plan`));
      }
      const reservation: Reservation = {
        id: event.id,
        pnr: event.pnr,
        member: event.member,
        passengers: event.passengers,
        seats,
        total: event.total,
        createdAtMs: atMs,
        expiresAtMs: event.expiresAtMs,
        status: "HELD",
        generation: 1,
        isOver: false,
        attempts: NONE,
        ticketedBy: null,
        tickets: NONE,
      };
      const isNew = state.reservations.set(event.id, reservation);
      assert(isNew, () => `reservation ${event.id} is made once`);
      state.holds.add(reservation);
      changes.touchReservation(reservation, true);
      takeSeats(state, reservation, changes);
      return;
    }
    case "released":
      end(state, state.reservation(event.id), ["HELD", "CANCELLING"], "RELEASED", changes);
      return;
    case "expired":
      if (event.overUntilMs !== undefined) letGoUntil(state, event.overUntilMs, changes);
      changes.endedRows += endedRows(state.reservation(event.id));
      end(state, state.reservation(event.id), ["HELD"], "EXPIRED", changes);
      return;
    case "cancelled":
      end(state, state.reservation(event.id), ["TICKETED", "CANCELLING"], "CANCELLED", changes);
      return;
    case "cancelling": {
      const reservation = state.reservation(event.id);
      moveTo(reservation, ["PAYING"], "CANCELLING", changes);
      // Its open payment is to be cancelled at the provider now.
      const open = FlightState.openAttempt(reservation);
      if (open !== null) changes.touchAttempt(open);
      return;
    }
    case "payment-begun": {
      const reservation = state.reservation(event.id);
      moveTo(reservation, ["HELD"], "PAYING", changes);
      const attempt: Attempt = {
        id: event.attempt,
        reservation,
        amount: reservation.total,
        expiresAtMs: event.expiresAtMs,
        status: "PENDING",
        checkoutUrl: null,
        captured: null,
        refundReason: null,
      };
      assert(!state.attempts.has(attempt.id), () => `attempt ${attempt.id} begins once`);
      state.attempts.set(attempt.id, attempt);
      reservation.attempts = [...reservation.attempts, attempt];
      changes.touchAttempt(attempt, true);
      return;
    }
    case "payment-opened": {
      const attempt = state.attempt(event.attempt);
      attempt.checkoutUrl = event.checkoutUrl;
      changes.touchAttempt(attempt);
      return;
    }
    case "payment-ended": {
      const attempt = state.attempt(event.attempt);
      assert(attempt.status === "PENDING", () => `attempt ${attempt.id} was open`);
      attempt.status = event.status;
      changes.touchAttempt(attempt);
      holdAgain(state, attempt.reservation, changes);
      return;
    }
    case "captured": {
      const attempt = state.attempt(event.attempt);
      assert(attempt.captured === null, () => `attempt ${attempt.id} is captured once`);
      attempt.status = "CAPTURED";
      attempt.captured = { amount: event.amount, currency: event.currency };
      changes.touchAttempt(attempt);
      return;
    }
    case "retaken": {
      const reservation = state.reservation(event.id);
      moveTo(reservation, ["EXPIRED"], "PAYING", changes);
      takeSeats(state, reservation, changes);
      return;
    }
    case "ticketed": {
      const reservation = state.reservation(event.id);
      assert(state.attempt(event.attempt).status === "CAPTURED", () => `attempt ${event.attempt} has the money`);
      moveTo(reservation, ["PAYING"], "TICKETED", changes);
      reservation.ticketedBy = event.attempt;
      reservation.tickets = event.tickets;
      moveSeats(state, reservation, "held", "sold", changes);
      return;
    }
    case "refund-due": {
      const attempt = state.attempt(event.attempt);
      assert(attempt.status === "CAPTURED", () => `attempt ${attempt.id} has money to give back`);
      attempt.status = "REFUNDING";
      attempt.refundReason = event.reason;
      changes.touchAttempt(attempt);
      // A payment that bought nothing leaves the reservation as a failed one does.
      if (attempt.reservation.status === "PAYING" && attempt.reservation.attempts.at(-1) === attempt) {
        holdAgain(state, attempt.reservation, changes);
      }
      return;
    }
    case "refunded": {
      const attempt = state.attempt(event.attempt);
      assert(attempt.status === "REFUNDING", () => `attempt ${attempt.id} was to be refunded`);
      attempt.status = "REFUNDED";
      changes.touchAttempt(attempt);
      return;
    }
    default:
      unreachable(event);
  }
}

/** Drops what ended without ever being paid for: nobody can ask the flight for it again, and the projection tells what it was. */
export function forgetEnded(state: FlightState, changes: Changes): void {
  for (const reservation of changes.reservations.keys()) {
    const hasEnded = reservation.status === "RELEASED" || reservation.status === "EXPIRED";
    if (hasEnded && reservation.attempts.length === 0) state.reservations.delete(reservation.id);
  }
}

function moveTo(
  reservation: Reservation,
  from: readonly ReservationStatus[],
  to: ReservationStatus,
  changes: Changes,
): void {
  assert(
    from.includes(reservation.status),
    () => `reservation ${reservation.id} goes from ${reservation.status} to ${to}`,
  );
  changes.touchReservation(reservation);
  reservation.status = to;
}

function holdAgain(state: FlightState, reservation: Reservation, changes: Changes): void {
  if (reservation.status !== "PAYING") return;
  moveTo(reservation, ["PAYING"], "HELD", changes);
  reservation.generation += 1;
  state.holds.add(reservation);
}

function letGoUntil(state: FlightState, untilMs: number, changes: Changes): void {
  for (const reservation of state.holds.takeDue(untilMs)) {
    touchSeats(state, reservation, changes);
    state.letGo(reservation);
    if (reservation.seats.length > 0) state.seatVersion += 1;
  }
}

function end(
  state: FlightState,
  reservation: Reservation,
  from: readonly ReservationStatus[],
  to: ReservationStatus,
  changes: Changes,
): void {
  const seatsAre = reservation.status === "TICKETED" ? "sold" : "held";
  moveTo(reservation, from, to, changes);
  if (reservation.isOver) {
    // The public, and the counts, have seen it already.
    touchSeats(state, reservation, changes);
    state.clear(reservation);
  } else {
    moveSeats(state, reservation, seatsAre, "free", changes);
    state.countSeats(reservation.member, -reservation.seats.length);
  }
  for (const { person } of reservation.passengers) if (person !== undefined) state.persons.delete(person);
}

function takeSeats(state: FlightState, reservation: Reservation, changes: Changes): void {
  moveSeats(state, reservation, "free", "held", changes);
  state.countSeats(reservation.member, reservation.seats.length);
  for (const { person } of reservation.passengers) if (person !== undefined) state.persons.set(person, reservation.id);
}

function moveSeats(
  state: FlightState,
  reservation: Reservation,
  from: SeatState,
  to: SeatState,
  changes: Changes,
): void {
  touchSeats(state, reservation, changes);
  for (const index of reservation.seats) state.moveSeat(index, from, to, reservation.id);
  // A sold seat that was held, or a held seat that was free, is a change that the public sees.
  if (reservation.seats.length > 0) state.seatVersion += 1;
}

function touchSeats(state: FlightState, { seats }: Reservation, changes: Changes): void {
  for (const index of seats) changes.touchSeat(index, state.holder(index));
}

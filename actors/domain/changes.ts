/** Owns what a batch changed in one flight: what the projections must be told, and the seats that the public sees change. */

import type { HoldPassenger } from "./command.ts";
import type { ReservationId } from "./ids.ts";
import type { Attempt, Reservation } from "./state.ts";

export interface NamedPassenger {
  readonly reservationId: ReservationId;
  /** Position in the reservation, from 0. */
  readonly ordinal: number;
  readonly name: string;
  readonly birthDate: string | null;
}

export class Changes {
  /** Touched reservations, and whether they, and their tickets, were there before the batch. */
  readonly reservations = new Map<Reservation, { readonly isNew: boolean; readonly hadTickets: boolean }>();
  readonly attempts = new Map<Attempt, { readonly isNew: boolean }>();
  /** Touched seats, by index, with whoever held them before the batch. */
  readonly seats = new Map<number, ReservationId | null>();
  /** The only place where names pass through: they go to the `passenger` table, never into an event. */
  readonly passengers: NamedPassenger[] = [];
  /** Rows that tell of holds that were over. */
  endedRows = 0;
  /** Cluster time of the latest turn; null in a replay, which knows no other time than the flight's own. */
  nowMs: number | null = null;

  touchReservation(reservation: Reservation, isNew = false): void {
    if (!this.reservations.has(reservation)) {
      this.reservations.set(reservation, { isNew, hadTickets: reservation.tickets.length > 0 });
    }
  }

  touchAttempt(attempt: Attempt, isNew = false): void {
    if (!this.attempts.has(attempt)) this.attempts.set(attempt, { isNew });
  }

  touchSeat(index: number, holder: ReservationId | null): void {
    if (!this.seats.has(index)) this.seats.set(index, holder);
  }

  namePassengers(reservationId: ReservationId, passengers: readonly HoldPassenger[]): void {
    passengers.forEach(({ name, birthDate }, ordinal) => {
      this.passengers.push({ reservationId, ordinal, name, birthDate: birthDate ?? null });
    });
  }
}

/**
 * Owns what a turn does about holds whose time is over.
 *
 * From its deadline on a hold is over for everybody; to tell its end costs rows in the database. After a burst of sales tens of thousands of
 * holds are over within the same seconds, and told at once they would stand in the way of the host's only lane for as long. So the first
 * turn that finds some says no more than up to when holds are over (`overUntilMs` of an `expired` event): from then on their seats are free,
 * and nobody is counted for them, in memory as in every replay. Their ends are told by and by, so many rows a batch, the earliest first.
 * Decisions need not know of any of this, but for one thing: what a seat, a person or a reservation goes on to do is told after the end of
 * the hold that it had. So a turn also tells the ends that its own facts need, however many rows there were already.
 */

import type { Command } from "./command.ts";
import type { FlightEvent } from "./event.ts";
import type { ReservationId } from "./ids.ts";
import { endedRows, type FlightState, type Reservation } from "./state.ts";

export type Tell = (event: FlightEvent) => void;

/** Frees all that is over by now, and tells the earliest ends: for about `rowsMax` rows, and one at least where some have just come to be over. */
export function endShare(state: FlightState, nowMs: number, rowsMax: number, tell: Tell): void {
  let rows = 0;
  const due = state.holds.firstDue(nowMs);
  if (due !== null) {
    const first = state.holds.firstOver() ?? due;
    rows += endedRows(first);
    tell({ type: "expired", id: first.id, overUntilMs: nowMs });
  }
  while (rows < rowsMax) {
    const next = state.holds.firstOver();
    if (next === null) return;
    rows += endedRows(next);
    tell({ type: "expired", id: next.id });
  }
}

/** Tells the end of the hold that the command is about, if it is over: what is decided on it and shown of it has ended. */
export function endNamed(state: FlightState, { op, args }: Command, tell: Tell): void {
  if (op === "hold" || op === "seat-map") return;
  const named =
    "attempt" in args ? state.attempts.get(args.attempt)?.reservation : reservationAt(state, args.reservationId);
  endIfOver(named, tell);
}

/** Tells the ends of the holds that are over, and still have the seats or the persons that the event is about to take. */
export function endBefore(state: FlightState, event: FlightEvent, tell: Tell): void {
  if (event.type !== "held" && event.type !== "retaken") return;
  const { passengers } = event.type === "held" ? event : state.reservation(event.id);
  for (const { seat, person } of passengers) {
    const index = seat === null ? undefined : state.plan.seatPlan.indexOf(seat);
    if (index !== undefined) endIfOver(reservationAt(state, state.holder(index)), tell);
    if (person !== undefined) endIfOver(reservationAt(state, state.persons.get(person)), tell);
  }
}

function endIfOver(reservation: Reservation | undefined, tell: Tell): void {
  if (reservation?.isOver === true) tell({ type: "expired", id: reservation.id });
}

function reservationAt(state: FlightState, id: ReservationId | null | undefined): Reservation | undefined {
  return id === null || id === undefined ? undefined : state.reservations.get(id);
}

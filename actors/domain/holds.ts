/** Owns the order in which a flight's holds end: a heap by deadline whose outdated entries are dropped when they surface. */

import { pop, push } from "./heap.ts";
import type { ReservationId } from "./ids.ts";
import type { Reservation } from "./state.ts";

interface Deadline {
  readonly atMs: number;
  readonly id: ReservationId;
  readonly generation: number;
}

export class Holds {
  readonly #heap: Deadline[] = [];

  /** Notes the deadline of a reservation that has just become HELD. */
  add(reservation: Reservation): void {
    push(this.#heap, { atMs: reservation.expiresAtMs, id: reservation.id, generation: reservation.generation });
  }

  /** When the earliest hold ends, or null if nothing is held. */
  nextMs(reservations: ReadonlyMap<ReservationId, Reservation>): number | null {
    return this.#first(reservations)?.atMs ?? null;
  }

  /** The earliest hold that ends at `nowMs` or before; it stays. */
  firstDue(
    reservations: ReadonlyMap<ReservationId, Reservation>,
    nowMs: number,
  ): { id: ReservationId; generation: number } | null {
    const first = this.#first(reservations);
    return first !== null && first.atMs <= nowMs ? first : null;
  }

  /** Takes out the holds that end at `nowMs` or before, earliest first. */
  takeDue(reservations: ReadonlyMap<ReservationId, Reservation>, nowMs: number): Reservation[] {
    const due: Reservation[] = [];
    for (
      let first = this.#first(reservations);
      first !== null && first.atMs <= nowMs;
      first = this.#first(reservations)
    ) {
      const reservation = reservations.get(first.id);
      if (reservation !== undefined) due.push(reservation);
      pop(this.#heap);
    }
    return due;
  }

  #first(reservations: ReadonlyMap<ReservationId, Reservation>): Deadline | null {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return null;
      const reservation = reservations.get(first.id);
      if (reservation !== undefined && reservation.status === "HELD" && reservation.generation === first.generation)
        return first;
      pop(this.#heap);
    }
  }
}

/** Owns the order in which a flight's holds end: a heap by deadline whose outdated entries are dropped when they surface. */

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
    const heap = this.#heap;
    const added: Deadline = { atMs: reservation.expiresAtMs, id: reservation.id, generation: reservation.generation };
    let at = heap.length;
    heap.push(added);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || parent.atMs <= added.atMs) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = added;
  }

  /** When the earliest hold ends, or null if nothing is held. */
  nextMs(reservations: ReadonlyMap<ReservationId, Reservation>): number | null {
    return this.#first(reservations)?.atMs ?? null;
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
      this.#drop();
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
      this.#drop();
    }
  }

  #drop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      let child = heap[childAt];
      const right = heap[childAt + 1];
      if (child !== undefined && right !== undefined && right.atMs < child.atMs) {
        childAt += 1;
        child = right;
      }
      if (child === undefined || child.atMs >= last.atMs) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = last;
  }
}

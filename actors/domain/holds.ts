/** Owns the order in which a flight's holds end: heaps by deadline whose outdated entries are dropped when they surface. */

import { pop, push } from "./heap.ts";
import type { Reservation } from "./state.ts";

interface Deadline {
  readonly atMs: number;
  readonly reservation: Reservation;
  readonly generation: number;
}

export class Holds {
  readonly #running: Deadline[] = [];
  /** Those that are over, and whose end is still to be told. */
  readonly #over: Deadline[] = [];

  /** Notes the deadline of a reservation that has just become HELD, or whose hold is over from now on. */
  add(reservation: Reservation): void {
    const { expiresAtMs: atMs, generation, isOver } = reservation;
    push(isOver ? this.#over : this.#running, { atMs, reservation, generation });
  }

  /** When the earliest hold ends, or should have, or null if nothing is held. */
  nextMs(): number | null {
    const over = first(this.#over);
    const running = first(this.#running);
    if (over === null || running === null) return (over ?? running)?.expiresAtMs ?? null;
    return Math.min(over.expiresAtMs, running.expiresAtMs);
  }

  /** The earliest of the holds that are over, and whose end is still to be told; it stays. */
  firstOver(): Reservation | null {
    return first(this.#over);
  }

  /** The earliest hold that ends at `nowMs` or before, and is not over yet; it stays. */
  firstDue(nowMs: number): Reservation | null {
    const running = first(this.#running);
    return running !== null && running.expiresAtMs <= nowMs ? running : null;
  }

  /** Takes out the holds that end at `nowMs` or before, earliest first. */
  takeDue(nowMs: number): Reservation[] {
    const due: Reservation[] = [];
    for (let next = this.firstDue(nowMs); next !== null; next = this.firstDue(nowMs)) {
      due.push(next);
      pop(this.#running);
    }
    return due;
  }
}

function first(heap: Deadline[]): Reservation | null {
  for (let top = heap[0]; top !== undefined; top = heap[0]) {
    const { reservation, generation } = top;
    if (reservation.status === "HELD" && reservation.generation === generation) return reservation;
    pop(heap);
  }
  return null;
}

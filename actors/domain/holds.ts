/** Owns the order in which a flight's holds end: lines by deadline whose outdated entries are dropped when they surface. */

import { Fifo } from "./fifo.ts";
import { pop, push } from "./heap.ts";
import type { Reservation } from "./state.ts";

interface Deadline {
  readonly atMs: number;
  readonly reservation: Reservation;
  readonly generation: number;
}

export class Holds {
  readonly #running = new Line();
  /** Those that are over, and whose end is still to be told. */
  readonly #over = new Line();

  /** Notes the deadline of a reservation that has just become HELD, or whose hold is over from now on. */
  add(reservation: Reservation): void {
    const { expiresAtMs: atMs, generation, isOver } = reservation;
    (isOver ? this.#over : this.#running).put({ atMs, reservation, generation });
  }

  /** When the earliest hold ends, or should have, or null if nothing is held. */
  nextMs(): number | null {
    const over = this.#over.first();
    const running = this.#running.first();
    if (over === null || running === null) return (over ?? running)?.expiresAtMs ?? null;
    return Math.min(over.expiresAtMs, running.expiresAtMs);
  }

  /** The earliest of the holds that are over, and whose end is still to be told; it stays. */
  firstOver(): Reservation | null {
    return this.#over.first();
  }

  /** The earliest hold that ends at `nowMs` or before, and is not over yet; it stays. */
  firstDue(nowMs: number): Reservation | null {
    const running = this.#running.first();
    return running !== null && running.expiresAtMs <= nowMs ? running : null;
  }

  /** Takes out the holds that end at `nowMs` or before, earliest first. */
  takeDue(nowMs: number): Reservation[] {
    const due: Reservation[] = [];
    for (let next = this.firstDue(nowMs); next !== null; next = this.firstDue(nowMs)) {
      due.push(next);
      this.#running.take();
    }
    return due;
  }
}

/** By deadline. Nearly all are put in in that order, and stand in line as they come; a heap has the others. */
class Line {
  readonly #inOrder = new Fifo<Deadline>();
  readonly #others: Deadline[] = [];
  #latestMs = Number.NEGATIVE_INFINITY;

  put(deadline: Deadline): void {
    if (deadline.atMs < this.#latestMs) {
      push(this.#others, deadline);
      return;
    }
    this.#latestMs = deadline.atMs;
    this.#inOrder.put(deadline);
  }

  /** It stays. */
  first(): Reservation | null {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { reservation, generation } = next;
      if (reservation.status === "HELD" && reservation.generation === generation) return reservation;
      this.take();
    }
    return null;
  }

  take(): void {
    if (this.#next() === this.#inOrder.first) this.#inOrder.take();
    else pop(this.#others);
  }

  #next(): Deadline | undefined {
    const { first } = this.#inOrder;
    const other = this.#others[0];
    return first === undefined || (other !== undefined && other.atMs < first.atMs) ? other : first;
  }
}

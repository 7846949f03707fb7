/** Owns when a host must look at which flight: one heap for all its flights, and one timer for the earliest. */

import type { Clock, Timer } from "./clock.ts";
import { pop, push } from "./domain/heap.ts";
import type { FlightId } from "./domain/ids.ts";

interface Entry {
  readonly atMs: number;
  readonly flightId: FlightId;
}

/** Timers of the machine take at most 2^31 ms; a longer wait is taken in steps. */
const STEP_MS_MAX = 3_600_000;

export class Deadlines {
  readonly #clock: Clock;
  readonly #fire: (flightId: FlightId) => void;
  /** What each flight waits for; entries of the heap that disagree are outdated. */
  readonly #atByFlight = new Map<FlightId, number>();
  readonly #heap: Entry[] = [];
  #timer: Timer | null = null;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #isStopped = false;

  constructor(clock: Clock, fire: (flightId: FlightId) => void) {
    this.#clock = clock;
    this.#fire = fire;
  }

  /** Looks at the flight at `atMs`; an earlier deadline that it already has stays. */
  arm(flightId: FlightId, atMs: number): void {
    const armed = this.#atByFlight.get(flightId);
    if (this.#isStopped || (armed !== undefined && armed <= atMs)) return;
    this.#atByFlight.set(flightId, atMs);
    push(this.#heap, { atMs, flightId });
    this.#wait();
  }

  disarm(flightId: FlightId): void {
    this.#atByFlight.delete(flightId);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#heap.length = 0;
  }

  #wait(): void {
    const first = this.#heap[0];
    if (first === undefined || first.atMs >= this.#timerAtMs) return;
    this.#timer?.cancel();
    this.#timerAtMs = first.atMs;
    const delayMs = Math.min(STEP_MS_MAX, Math.max(0, first.atMs - this.#clock.nowMs()));
    this.#timer = this.#clock.after(delayMs, () => {
      this.#timerAtMs = Number.POSITIVE_INFINITY;
      this.#fireDue();
      this.#wait();
    });
  }

  #fireDue(): void {
    const nowMs = this.#clock.nowMs();
    for (let first = this.#heap[0]; first !== undefined && first.atMs <= nowMs; first = this.#heap[0]) {
      pop(this.#heap);
      if (this.#atByFlight.get(first.flightId) !== first.atMs) continue;
      this.#atByFlight.delete(first.flightId);
      this.#fire(first.flightId);
    }
  }
}

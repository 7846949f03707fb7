/** Owns when a host must look at which flight: one heap for all its flights, and one timer for the earliest. */

import type { Clock, Timer } from "./clock.ts";
import { pop, push } from "./domain/heap.ts";
import type { FlightId } from "./domain/ids.ts";

interface Entry {
  readonly atMs: number;
  readonly shard: number;
  readonly flightId: FlightId;
}

/**
 * So many looks that must read their flight first go at once: after an outage every flight is overdue, and those that somebody asks for must
 * not stand behind all of them. The others follow in the order of their deadlines.
 */
const READING_MAX = 4;

/** A longer wait is taken in steps, in milliseconds: cluster time may be set forward meanwhile, and a timer doesn't hear of it. */
const STEP_MS_MAX = 60_000;

export class Deadlines {
  readonly #clock: Clock;
  readonly #fire: (flightId: FlightId, shard: number) => Promise<void> | null;
  /** By shard, what each flight waits for; entries of the heap that disagree are outdated. */
  readonly #armed = new Map<number, Map<FlightId, number>>();
  readonly #heap: Entry[] = [];
  /** Looks that read their flight. */
  #reading = 0;
  #timer: Timer | null = null;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #isStopped = false;

  /** @param fire looks at the flight; gives the end of its reading where it must be read first, which never fails */
  constructor(clock: Clock, fire: (flightId: FlightId, shard: number) => Promise<void> | null) {
    this.#clock = clock;
    this.#fire = fire;
  }

  /** Looks at the flight at `atMs`; an earlier deadline that it already has stays. */
  arm(flightId: FlightId, shard: number, atMs: number): void {
    if (this.#isStopped) return;
    const flights = this.#armed.get(shard) ?? new Map<FlightId, number>();
    this.#armed.set(shard, flights);
    const armed = flights.get(flightId);
    if (armed !== undefined && armed <= atMs) return;
    flights.set(flightId, atMs);
    push(this.#heap, { atMs, shard, flightId });
    this.#wait();
  }

  /** Looks at no flight of the shard any more. */
  disarm(shard: number): void {
    this.#armed.delete(shard);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#armed.clear();
    this.#heap.length = 0;
  }

  #wait(): void {
    const first = this.#heap[0];
    if (first === undefined || first.atMs >= this.#timerAtMs || this.#reading >= READING_MAX) return;
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
      if (this.#reading >= READING_MAX) return;
      pop(this.#heap);
      const { atMs, shard, flightId } = first;
      const flights = this.#armed.get(shard);
      if (flights?.get(flightId) !== atMs) continue;
      flights.delete(flightId);
      const reading = this.#fire(flightId, shard);
      if (reading !== null) this.#read(reading);
    }
  }

  #read(reading: Promise<void>): void {
    this.#reading += 1;
    void reading.then(() => {
      this.#reading -= 1;
      this.#fireDue();
      this.#wait();
    });
  }
}

/**
 * Owns simulated time, and the order of everything that happens: one event after another, each with all that follows from it before the
 * next. No real time passes, so that the same seed gives the same run on every machine.
 */

import { drainMicrotasks } from "bun:jsc";
import { assert } from "../../../actors/assert.ts";
import type { Timer } from "../../../actors/clock.ts";

/** More events at one instant than this are a timer that re-arms itself for ever. */
const EVENTS_AT_ONCE_MAX = 100_000;

interface Event {
  readonly atMs: number;
  /** Those of one instant happen in the order in which they were planned. */
  readonly order: number;
  call: (() => void) | null;
}

export class EventLoop {
  /** Milliseconds since the simulation began. */
  nowMs = 0;
  /** Events that have happened. */
  events = 0;
  readonly #heap: Event[] = [];
  #planned = 0;
  #atOnce = 0;

  after(delayMs: number, call: () => void): Timer {
    assert(!Number.isNaN(delayMs), "a delay is a number");
    const event: Event = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#planned++, call };
    this.#push(event);
    return {
      cancel() {
        event.call = null;
      },
    };
  }

  /** Runs until `atMs`, or until `isOver` says so after an event. */
  runUntil(atMs: number, isOver: () => boolean = () => false): void {
    drainMicrotasks();
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= atMs; next = this.#heap[0]) {
      this.#pop();
      if (next.call === null) continue;
      this.#atOnce = next.atMs === this.nowMs ? this.#atOnce + 1 : 0;
      assert(this.#atOnce < EVENTS_AT_ONCE_MAX, "time goes on");
      this.nowMs = next.atMs;
      this.events += 1;
      next.call();
      drainMicrotasks();
      if (isOver()) return;
    }
    this.nowMs = Math.max(this.nowMs, atMs);
  }

  /** When the next event is due, or null when nothing will ever happen. */
  get nextAtMs(): number | null {
    return this.#heap[0]?.atMs ?? null;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Event;
      if (!comesFirst(event, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (right < heap.length && comesFirst(heap[right] as Event, heap[child] as Event)) child = right;
      if (!comesFirst(heap[child] as Event, last)) break;
      heap[at] = heap[child] as Event;
      at = child;
    }
    heap[at] = last;
  }
}

function comesFirst(one: Event, other: Event): boolean {
  return one.atMs === other.atMs ? one.order < other.order : one.atMs < other.atMs;
}

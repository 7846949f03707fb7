/**
 * Owns the way from the journal to a consumer: every entry of interest at least once and in order for each flight.
 * The cursor moves only after the effect is durable, so a crash in between repeats the effect and never loses it.
 */

import { assert, present } from "../../actors/assert.ts";
import type { JournalHint } from "../../actors/bus/subjects.ts";
import type { Clock, Timer } from "../../actors/clock.ts";
import type { EventType } from "../../actors/domain/event.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { Entropy } from "../../actors/entropy.ts";
import type { TailEntry } from "../../actors/journal.ts";
import type { Counter, Log, Telemetry } from "../../actors/telemetry.ts";
import { noTraces } from "../../actors/tracing.ts";
import type { CursorMove, JournalTail, TailPage } from "./journal-tail.ts";
import { RelayTraces } from "./relay-traces.ts";

/** Each sweep looks at so many flights, and the next one goes on after them: what no wake told of is found so. */
export const SWEEP_INTERVAL_MS = 1_000;
const FLIGHTS_PER_SWEEP_MAX = 500;

/** Flights that wait for their turn; more of them are found by a sweep. */
const READY_MAX = 100_000;

/** A round reads so many flights at once, takes one turn of each, then moves their cursors in one transaction. */
export const FLIGHTS_PER_ROUND_MAX = 16;
/** What a turn handles, and what a crash repeats of one flight at most; of all of them that number for each flight of a round. */
export const ENTRIES_PER_TURN_MAX = 4;
/** The same for a consumer that minds no order, and has them handled at once. */
export const ENTRIES_PER_TURN_IN_ANY_ORDER_MAX = 64;

/** A flight whose entry could not be handled rests, longer each time; the others go on. */
export const REST_MS = 1_000;
const REST_MS_MAX = 300_000;

/** What follows the journal, and why. */
export interface Consumer {
  /** Names the cursors; at most 32 characters. */
  readonly consumer: string;
  /** What it is for: entries without an event of these types are passed over. */
  readonly interests: readonly EventType[];
  /**
   * Makes the effect of an entry durable. Called again for the same entry after a throw, or when the process died before the cursor moved.
   * `stopping` is aborted when the relay stops. Whoever waits for something gives up then, and throws: nobody follows the journal meanwhile.
   */
  readonly handle: (flightId: FlightId, entry: TailEntry, stopping: AbortSignal) => Promise<void>;
  /** Nothing is wrong with its effects in another order, or again: a flight's entries are handled many at a time. @default false */
  readonly inAnyOrder?: boolean;
}

/** How far a consumer is behind the journal. */
export interface Lag {
  /** Flights with something that it has not finished. */
  readonly flights: number;
  /** How long the oldest of that has waited, in milliseconds. */
  readonly waitedMs: number;
}

export interface RelayOptions extends Consumer {
  readonly tail: JournalTail;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
}

interface Resting {
  readonly failures: number;
  /** null while it is tried again. */
  timer: Timer | null;
}

export class Relay {
  readonly #consumer: string;
  readonly #interests: ReadonlySet<EventType>;
  readonly #types: readonly EventType[];
  readonly #handle: RelayOptions["handle"];
  readonly #inAnyOrder: boolean;
  readonly #tail: JournalTail;
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #log: Log;
  readonly #handled: Counter;
  readonly #failures: Counter;
  readonly #traces: RelayTraces;
  /** In the order of their turns. */
  readonly #ready = new Set<FlightId>();
  readonly #resting = new Map<FlightId, Resting>();
  /** Since when there has been something in a flight that is not behind a durable cursor, as far as it is known. */
  readonly #behindSinceMs = new Map<FlightId, number>();
  /** Handled, but the cursor is not durable yet: nothing more is handled before it is. */
  #moves: readonly CursorMove[] = [];
  /** Found by the last sweep to go on with nothing for this consumer; those whose cursor has moved since it began are not to be moved back. */
  #passed: readonly CursorMove[] = [];
  readonly #movedSinceSweep = new Set<FlightId>();
  #isRunning = false;
  #working: Promise<void> | null = null;
  #sweeping: Promise<void> | null = null;
  #sweepAfter: FlightId | null = null;
  #timer: Timer | null = null;
  readonly #stopping = new AbortController();

  constructor({ consumer, interests, handle, inAnyOrder = false, tail, clock, entropy, telemetry }: RelayOptions) {
    this.#consumer = consumer;
    this.#interests = new Set(interests);
    this.#types = interests;
    this.#handle = handle;
    this.#inAnyOrder = inAnyOrder;
    this.#tail = tail;
    this.#clock = clock;
    this.#entropy = entropy;
    this.#log = telemetry.log;
    this.#traces = new RelayTraces(consumer, clock, telemetry.traces ?? noTraces);
    this.#handled = telemetry.counter("pigonair_relay_entries_total", "Journal entries handled.", ["consumer"]);
    this.#failures = telemetry.counter("pigonair_relay_failures_total", "Turns of a flight that failed.", ["consumer"]);
  }

  get consumer(): string {
    return this.#consumer;
  }

  lag(): Lag {
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const each of this.#behindSinceMs.values()) sinceMs = Math.min(sinceMs, each);
    const flights = this.#behindSinceMs.size;
    return { flights, waitedMs: flights === 0 ? 0 : Math.max(0, this.#clock.nowMs() - sinceMs) };
  }

  start(): void {
    assert(!this.#isRunning, "a relay is started once");
    this.#isRunning = true;
    this.#sweep();
  }

  /** To be told of what is new: gives the flights a turn if that is something for this consumer. */
  hear({ type, flights, traces = [] }: JournalHint): void {
    if (!this.#interests.has(type)) return;
    this.#traces.hear(traces);
    for (const flightId of flights) this.wake(flightId);
  }

  /** Gives the flight a turn. Harmless at any time; one that rests goes on resting. */
  wake(flightId: FlightId): void {
    if (!this.#isRunning || this.#ready.size >= READY_MAX) return;
    if (!this.#behindSinceMs.has(flightId)) this.#behindSinceMs.set(flightId, this.#clock.nowMs());
    const resting = this.#resting.get(flightId);
    if (resting !== undefined && resting.timer !== null) return;
    this.#ready.add(flightId);
    this.#work();
  }

  /** Begins nothing new, and waits for the entries that are being handled; the cursors are moved. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#timer?.cancel();
    for (const { timer } of this.#resting.values()) timer?.cancel();
    this.#stopping.abort();
    await this.#sweeping;
    await this.#working;
  }

  #sweep(): void {
    this.#sweeping = this.#sweepOnce().finally(() => {
      this.#sweeping = null;
      if (this.#isRunning) this.#timer = this.#clock.after(SWEEP_INTERVAL_MS, () => this.#sweep());
    });
  }

  async #sweepOnce(): Promise<void> {
    try {
      // What the last one found is forgotten with what has moved since: neither can be told by without the other.
      this.#passed = [];
      this.#movedSinceSweep.clear();
      const { behind, passed, next } = await this.#tail.sweep(
        this.#consumer,
        this.#types,
        this.#sweepAfter,
        FLIGHTS_PER_SWEEP_MAX,
      );
      this.#sweepAfter = next;
      this.#passed = passed;
      for (const flightId of behind) this.wake(flightId);
    } catch (error) {
      this.#log.warn({ consumer: this.#consumer, err: error }, "a relay could not look for what is new");
    }
    // Cursors that could not be moved before are tried again with each sweep.
    this.#work();
  }

  /** Works until no flight is ready; one that becomes ready meanwhile is taken too. */
  #work(): void {
    const isIdle = this.#ready.size === 0 && this.#moves.length === 0 && this.#passed.length === 0;
    if (this.#working !== null || isIdle) return;
    this.#working = this.#rounds().finally(() => {
      this.#working = null;
      if (this.#isRunning && this.#moves.length === 0) this.#work();
    });
  }

  async #rounds(): Promise<void> {
    if (!(await this.#saveCursors())) return;
    this.#moves = this.#passed.filter(({ flightId }) => !this.#movedSinceSweep.has(flightId));
    this.#passed = [];
    if (!(await this.#saveCursors())) return;
    while (this.#isRunning && this.#ready.size > 0) {
      const flights: FlightId[] = [];
      for (const flightId of this.#ready) {
        if (flights.push(flightId) === FLIGHTS_PER_ROUND_MAX) break;
      }
      for (const flightId of flights) this.#ready.delete(flightId);
      this.#moves = await this.#round(flights);
      if (!(await this.#saveCursors())) return;
    }
  }

  /** A turn of each, and how far they came. */
  async #round(flights: readonly FlightId[]): Promise<readonly CursorMove[]> {
    const most = this.#inAnyOrder ? ENTRIES_PER_TURN_IN_ANY_ORDER_MAX : ENTRIES_PER_TURN_MAX;
    let pages: ReadonlyMap<FlightId, TailPage>;
    try {
      pages = await this.#tail.read(this.#consumer, flights, this.#types, most);
    } catch (error) {
      for (const flightId of flights) this.#rest(flightId, error);
      return [];
    }
    const moves = await Promise.all(
      flights.map((flightId) => this.#turn(flightId, present(pages.get(flightId), "a page for each flight"))),
    );
    return moves.filter((move) => move !== null);
  }

  /** Handles the entries of the page, and gives how far it came; null if nowhere. */
  async #turn(flightId: FlightId, page: TailPage): Promise<CursorMove | null> {
    const { upTo, isEnd } = page;
    let version: number | null = null;
    try {
      const entries = page.entries();
      this.#note(flightId, entries[0]);
      let handled = 0;
      while (this.#isRunning && handled < entries.length) {
        const group = this.#inAnyOrder ? entries : [present(entries[handled], "an entry of the page")];
        const outcomes = await Promise.allSettled(
          group.map((entry) =>
            this.#traces.handled(flightId, entry.version, () => this.#handle(flightId, entry, this.#stopping.signal)),
          ),
        );
        for (const [at, outcome] of outcomes.entries()) {
          if (outcome.status === "rejected") throw outcome.reason;
          version = present(group[at], "one that was handled").version;
          handled += 1;
          this.#resting.delete(flightId);
          this.#handled.add(1, { consumer: this.#consumer });
        }
      }
      this.#resting.delete(flightId);
      const isDone = handled === entries.length;
      if (isDone && upTo > 0) version = upTo;
      if (!(isDone && isEnd)) this.#ready.add(flightId);
      else if (upTo === 0) this.#behindSinceMs.delete(flightId);
    } catch (error) {
      this.#rest(flightId, error);
    }
    return version === null ? null : { flightId, version };
  }

  /** What is next to be handled says best since when it has waited: this process may have come to it later. */
  #note(flightId: FlightId, next: TailEntry | undefined): void {
    const atMs = next?.entry.turns[0]?.atMs;
    if (atMs !== undefined) this.#behindSinceMs.set(flightId, atMs);
  }

  #rest(flightId: FlightId, error: unknown): void {
    const failures = (this.#resting.get(flightId)?.failures ?? 0) + 1;
    const delayMs = Math.min(REST_MS * 2 ** (failures - 1), REST_MS_MAX) * (0.75 + this.#entropy.fraction() / 2);
    this.#failures.add(1, { consumer: this.#consumer });
    this.#log.warn({ consumer: this.#consumer, flightId, failures, err: error }, "a relay could not handle an entry");
    const resting: Resting = { failures, timer: null };
    this.#resting.set(flightId, resting);
    // A wake may have come while it was being tried.
    this.#ready.delete(flightId);
    if (!this.#isRunning) return;
    resting.timer = this.#clock.after(delayMs, () => {
      resting.timer = null;
      this.wake(flightId);
    });
  }

  /** Its cursor is durable; one that has more to do, or rests, is behind still. */
  #caughtUp(flightId: FlightId): void {
    if (!this.#ready.has(flightId) && !this.#resting.has(flightId)) this.#behindSinceMs.delete(flightId);
  }

  /** Whether all that was handled is behind durable cursors. */
  async #saveCursors(): Promise<boolean> {
    if (this.#moves.length === 0) return true;
    try {
      await this.#tail.advance(this.#consumer, this.#moves);
      for (const { flightId } of this.#moves) {
        this.#movedSinceSweep.add(flightId);
        this.#caughtUp(flightId);
      }
      this.#moves = [];
      return true;
    } catch (error) {
      this.#log.warn({ consumer: this.#consumer, err: error }, "a relay could not move its cursors");
      return false;
    }
  }
}

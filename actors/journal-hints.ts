/** Owns telling those who follow the journals what is new in them: now and then one hint for each type of event, whatever the number of commits. */

import type { Bus } from "./bus/bus.ts";
import { type JournalHint, journalSubject, type TracedEntry } from "./bus/subjects.ts";
import type { Clock, Timer } from "./clock.ts";
import type { EventType, JournalEntry } from "./domain/event.ts";
import type { FlightId } from "./domain/ids.ts";
import type { Log } from "./telemetry.ts";

/**
 * For so long hints are gathered, in milliseconds. To tell of each commit by itself costs a lone request three wake-ups of processes, and
 * those who follow gain nothing by it.
 */
const GATHER_MS = 10;

/** Entries whose traces one hint tells. */
const TRACES_MAX = 32;

interface Told {
  readonly flights: Set<FlightId>;
  readonly traces: TracedEntry[];
}

export class JournalHints {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #byType = new Map<EventType, Told>();
  #timer: Timer | null = null;

  constructor(bus: Bus, clock: Clock, log: Log) {
    this.#bus = bus;
    this.#clock = clock;
    this.#log = log;
  }

  /** The entry is durable: it is told of soon, with all others that are. @param traces of the requests that it came of */
  add(flightId: FlightId, version: number, { turns }: JournalEntry, traces: readonly string[]): void {
    for (const { events } of turns) for (const { type } of events) this.#told(type).flights.add(flightId);
    if (traces.length === 0) return;
    for (const type of new Set(turns.flatMap(({ events }) => events.map((event) => event.type)))) {
      const told = this.#told(type);
      if (told.traces.length < TRACES_MAX) told.traces.push({ flightId, version, traces });
    }
  }

  #told(type: EventType): Told {
    const known = this.#byType.get(type);
    if (known !== undefined) return known;
    this.#timer ??= this.#clock.after(GATHER_MS, () => this.tell());
    const told: Told = { flights: new Set(), traces: [] };
    this.#byType.set(type, told);
    return told;
  }

  /** Tells at once what is still to be told. */
  tell(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const told = [...this.#byType];
    this.#byType.clear();
    for (const [type, { flights, traces }] of told) {
      const hint: JournalHint = { type, flights: [...flights], ...(traces.length === 0 ? {} : { traces }) };
      try {
        this.#bus.publish(journalSubject(type), hint);
      } catch (cause) {
        this.#log.warn({ type, cause: String(cause) }, "a hint at the journal could not leave");
      }
    }
  }
}

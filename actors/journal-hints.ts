/** Owns telling those who follow the journals what is new in them: one hint for each type of event, whatever the number of flights in a commit. */

import type { Bus } from "./bus/bus.ts";
import { journalSubject } from "./bus/subjects.ts";
import type { EventType, JournalEntry } from "./domain/event.ts";
import type { FlightId } from "./domain/ids.ts";
import type { Log } from "./telemetry.ts";

export class JournalHints {
  readonly #bus: Bus;
  readonly #log: Log;
  readonly #flightsByType = new Map<EventType, Set<FlightId>>();

  constructor(bus: Bus, log: Log) {
    this.#bus = bus;
    this.#log = log;
  }

  /** The entry is durable: it is told of at the end of this turn, with all others that are. */
  add(flightId: FlightId, { turns }: JournalEntry): void {
    for (const { events } of turns) for (const { type } of events) this.#flightsOf(type).add(flightId);
  }

  #flightsOf(type: EventType): Set<FlightId> {
    const known = this.#flightsByType.get(type);
    if (known !== undefined) return known;
    if (this.#flightsByType.size === 0) queueMicrotask(() => this.#tell());
    const flights = new Set<FlightId>();
    this.#flightsByType.set(type, flights);
    return flights;
  }

  #tell(): void {
    const told = [...this.#flightsByType];
    this.#flightsByType.clear();
    for (const [type, flights] of told) {
      try {
        this.#bus.publish(journalSubject(type), { type, flights: [...flights] });
      } catch (cause) {
        this.#log.warn({ type, cause: String(cause) }, "a hint at the journal could not leave");
      }
    }
  }
}

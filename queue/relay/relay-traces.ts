/** Owns the spans of a consumer of the journal: what it does with an entry is a part of the requests that the entry came of. */

import type { TracedEntry } from "../../actors/bus/subjects.ts";
import type { Clock } from "../../actors/clock.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import { OldestFirst } from "../../actors/oldest-first.ts";
import { spanIdOf, type Traces } from "../../actors/tracing.ts";

/** Entries that were told of and not yet handled; the oldest are forgotten. */
const ENTRIES_MAX = 1_000;

export class RelayTraces {
  readonly #consumer: string;
  readonly #clock: Clock;
  readonly #traces: Traces;
  /** By flight and version. */
  readonly #waiting = new OldestFirst<string, readonly string[]>();

  constructor(consumer: string, clock: Clock, traces: Traces) {
    this.#consumer = consumer;
    this.#clock = clock;
    this.#traces = traces;
  }

  hear(entries: readonly TracedEntry[]): void {
    if (!this.#traces.isOn) return;
    for (const { flightId, version, traces } of entries) this.#waiting.set(nameOf(flightId, version), traces);
    this.#waiting.deleteOldest(() => this.#waiting.size > ENTRIES_MAX);
  }

  /** Handles the entry, and tells of it. */
  async handled(flightId: FlightId, version: number, handle: () => Promise<void>): Promise<void> {
    const name = nameOf(flightId, version);
    const traces = this.#waiting.get(name);
    if (traces === undefined) {
      await handle();
      return;
    }
    const startMs = this.#clock.monotonicMs();
    try {
      await handle();
      this.#waiting.delete(name);
      this.#tell(traces, startMs, false);
    } catch (error) {
      this.#tell(traces, startMs, true);
      throw error;
    }
  }

  #tell(traces: readonly string[], startMs: number, hasFailed: boolean): void {
    for (const trace of traces) {
      this.#traces.record({
        name: `consume ${this.#consumer}`,
        kind: "consumer",
        trace: this.#traces.child(trace),
        parentId: spanIdOf(trace),
        startMs,
        endMs: this.#clock.monotonicMs(),
        attributes: { "pigonair.consumer": this.#consumer },
        ...(hasFailed ? { failure: "not handled" } : {}),
      });
    }
  }
}

function nameOf(flightId: FlightId, version: number): string {
  return `${flightId}/${version}`;
}

/** Owns the way of a journal's entries to the stream of events: at least once, however long the stream is away. */

import type { Clock } from "../../actors/clock.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { TailEntry } from "../../actors/journal.ts";
import type { Counter, Log, Telemetry } from "../../actors/telemetry.ts";
import type { Consumer } from "../relay/relay.ts";
import { envelopesOf } from "./cloud-event.ts";
import { TOLD_EVENTS } from "./event-kinds.ts";
import type { EventStream } from "./event-stream.ts";

/** How often the stream is tried while it is out of reach, in milliseconds. */
const TRY_AGAIN_MS = 1_000;

export interface EventPublisherOptions {
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export class EventPublisher {
  readonly #stream: EventStream;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #published: Counter;
  #isAway = false;

  constructor({ stream, clock, telemetry }: EventPublisherOptions) {
    this.#stream = stream;
    this.#clock = clock;
    this.#log = telemetry.log;
    this.#published = telemetry.counter("pigonair_events_published_total", "Events that the stream has stored.");
  }

  /**
   * What a relay's `handle` is: resolves when the entry's events are stored. While the stream is out of reach it waits, because all flights
   * wait for the same, and are to go on together when it is back. What was not stored when the relay stops is published at the next start.
   * @throws what the stream finds wrong with these events, and OperationalError UNAVAILABLE once `stopping` is aborted
   */
  async publish(flightId: FlightId, entry: TailEntry, stopping: AbortSignal): Promise<void> {
    const envelopes = envelopesOf(flightId, entry);
    for (;;) {
      try {
        await this.#stream.store(envelopes);
        this.#published.add(envelopes.length);
        this.#isAway = false;
        return;
      } catch (error) {
        if (!(error instanceof OperationalError) || !error.retryable || stopping.aborted) throw error;
        if (!this.#isAway)
          this.#log.warn({ err: error }, "the stream of events is out of reach; events wait in the journal");
        this.#isAway = true;
      }
      await this.#pause(stopping);
    }
  }

  async #pause(stopping: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const timer = this.#clock.after(TRY_AGAIN_MS, wake);
    stopping.addEventListener("abort", wake);
    await promise;
    timer.cancel();
    stopping.removeEventListener("abort", wake);
  }
}

/** What has a relay hand everything that is told to the publisher. */
export function eventsConsumer(publisher: EventPublisher): Consumer {
  return {
    consumer: "events",
    interests: TOLD_EVENTS,
    handle: (flightId, entry, stopping) => publisher.publish(flightId, entry, stopping),
  };
}

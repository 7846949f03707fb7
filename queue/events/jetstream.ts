/** Owns the stream of events on JetStream: made if it is missing, bounded in age and size. */

import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from "@nats-io/jetstream";
import { InvalidArgumentError, type NatsConnection, nanos } from "@nats-io/transport-node";
import { exactly, open, text } from "../../actors/bus/schema.ts";
import type { Clock } from "../../actors/clock.ts";
import { OperationalError } from "../../actors/errors.ts";
import { CONTENT_TYPE, type Envelope } from "./cloud-event.ts";
import type { EventStream } from "./event-stream.ts";
import { StoredMessages } from "./stored-messages.ts";

export const STREAM = "PIGONAIR_EVENTS";
export const STREAM_SUBJECTS = "event.>";

/** What stands beside each event's envelope. */
export const EVENT_HEADERS = open({
  "Nats-Msg-Id": text({
    expected: "the event's id",
    description: "The event's `id`, by which the stream passes over what it stored lately.",
    examples: ["PG-101-2030-01-31-ICN:42:0"],
  }),
  "Content-Type": exactly(CONTENT_TYPE),
  "Nats-Expected-Stream": exactly(STREAM),
});

/** What is older or beyond is dropped, oldest first. */
const AGE_MS_MAX = 7 * 24 * 3_600_000;
const BYTES_MAX = 4 * 1024 ** 3;
const EVENT_BYTES_MAX = 64 * 1024;

/** For so long a repetition is known by its id. The server keeps the ids in memory. */
const DUPLICATES_KNOWN_MS = 60_000;

/** How long the stream may take to store, in milliseconds. */
const STORE_MS_MAX = 5_000;

/** How NATS is reached: a bus over it. */
export interface NatsReach {
  /** The connection of the moment; null while there is none. */
  readonly connection: NatsConnection | null;
  /** Where this user may hear answers. */
  readonly inboxPrefix: string;
}

export interface JetStreamEventsOptions {
  readonly nats: NatsReach;
  readonly clock: Clock;
}

export class JetStreamEvents implements EventStream {
  readonly #options: JetStreamEventsOptions;
  /** On the latest connection. */
  #messages: StoredMessages | null = null;
  /** Whether the stream was found there, and has taken everything since. */
  #isFound = false;

  constructor(options: JetStreamEventsOptions) {
    this.#options = options;
  }

  async store(events: readonly Envelope[]): Promise<void> {
    const { connection } = this.#options.nats;
    if (connection === null) throw new OperationalError("UNAVAILABLE", "NATS is out of reach.");
    try {
      const messages = this.#messagesOn(connection);
      if (!this.#isFound) await this.#ensure(connection);
      await messages.store(events, STORE_MS_MAX);
    } catch (cause) {
      // Whatever it was: the stream may be gone by now.
      this.#isFound = false;
      throw failureOf(cause);
    }
  }

  #messagesOn(connection: NatsConnection): StoredMessages {
    const { nats, clock } = this.#options;
    if (this.#messages?.connection === connection) return this.#messages;
    this.#messages = new StoredMessages(connection, nats.inboxPrefix, STREAM, clock);
    this.#isFound = false;
    return this.#messages;
  }

  /** An existing stream is left as its operator made it. */
  async #ensure(connection: NatsConnection): Promise<void> {
    const { streams } = await jetstreamManager(connection, { checkAPI: false, timeout: STORE_MS_MAX });
    try {
      await streams.info(STREAM);
    } catch (error) {
      const isMissing = error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
      if (!isMissing) throw error;
      await streams.add({
        name: STREAM,
        subjects: [STREAM_SUBJECTS],
        storage: "file",
        retention: "limits",
        discard: "old",
        max_age: nanos(AGE_MS_MAX),
        max_bytes: BYTES_MAX,
        max_msg_size: EVENT_BYTES_MAX,
        duplicate_window: nanos(DUPLICATES_KNOWN_MS),
        num_replicas: 1,
      });
    }
    this.#isFound = true;
  }
}

/** Out of reach, or what is wrong with the events themselves: then it is no use to wait. */
function failureOf(cause: unknown): unknown {
  if (cause instanceof OperationalError) return cause;
  if (cause instanceof InvalidArgumentError || (cause instanceof JetStreamApiError && cause.status === 400)) {
    return new OperationalError("INTERNAL", "The stream does not take these events.", { cause });
  }
  return new OperationalError("UNAVAILABLE", "The stream of events is out of reach.", { cause });
}

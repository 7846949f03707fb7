/** Owns the stream of events on JetStream: made if it is missing, bounded in age and size. */

import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import { headers, InvalidArgumentError, type NatsConnection, nanos } from "@nats-io/transport-node";
import { OperationalError } from "../../actors/errors.ts";
import { CONTENT_TYPE, type Envelope } from "./cloud-event.ts";
import type { EventStream } from "./event-stream.ts";

export const STREAM = "PIGONAIR_EVENTS";
export const STREAM_SUBJECTS = "event.>";

/** What is older or beyond is dropped, oldest first. */
const AGE_MS_MAX = 7 * 24 * 3_600_000;
const BYTES_MAX = 4 * 1024 ** 3;
const EVENT_BYTES_MAX = 64 * 1024;

/** For so long a repetition is known by its id. The server keeps the ids in memory. */
const DUPLICATES_KNOWN_MS = 60_000;

/** How long the stream may take to store, in milliseconds. */
const STORE_MS_MAX = 5_000;

export interface JetStreamEventsOptions {
  /** The connection of the moment; null while there is none. */
  readonly connection: () => NatsConnection | null;
  /** Copies of the stream in a cluster of servers, when it is made. @default 1 */
  readonly replicas?: number;
}

export class JetStreamEvents implements EventStream {
  readonly #options: JetStreamEventsOptions;
  /** Of the connection on which the stream was found. */
  #found: { readonly connection: NatsConnection; readonly client: JetStreamClient } | null = null;

  constructor(options: JetStreamEventsOptions) {
    this.#options = options;
  }

  async store(events: readonly Envelope[]): Promise<void> {
    try {
      const client = await this.#client();
      const stored = await Promise.allSettled(events.map((event) => publish(client, event)));
      const failure = stored.find(({ status }) => status === "rejected");
      if (failure?.status === "rejected") throw failure.reason;
    } catch (cause) {
      // Whatever it was: the stream may be another by now, or gone.
      this.#found = null;
      throw failureOf(cause);
    }
  }

  async #client(): Promise<JetStreamClient> {
    const connection = this.#options.connection();
    if (connection === null) throw new OperationalError("UNAVAILABLE", "NATS is out of reach.");
    if (this.#found?.connection === connection) return this.#found.client;
    await this.#ensure(connection);
    const client = jetstream(connection, { timeout: STORE_MS_MAX });
    this.#found = { connection, client };
    return client;
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
        num_replicas: this.#options.replicas ?? 1,
      });
    }
  }
}

async function publish(client: JetStreamClient, { subject, id, json }: Envelope): Promise<void> {
  const fields = headers();
  fields.set("Content-Type", CONTENT_TYPE);
  await client.publish(subject, json, { msgID: id, headers: fields, expect: { streamName: STREAM } });
}

/** Out of reach, or what is wrong with the events themselves: then it is no use to wait. */
function failureOf(cause: unknown): unknown {
  if (cause instanceof OperationalError) return cause;
  if (cause instanceof InvalidArgumentError || (cause instanceof JetStreamApiError && cause.status === 400)) {
    return new OperationalError("INTERNAL", "The stream does not take these events.", { cause });
  }
  return new OperationalError("UNAVAILABLE", "The stream of events is out of reach.", { cause });
}

/**
 * Owns the publishing of many messages to a stream at once: one inbox for all acknowledgements, one timer for all messages of a call. The
 * library's own way makes a request, a race and a timer of each, which costs three times as much [@nats-io/jetstream 3.4.0].
 */

import { JetStreamApiError } from "@nats-io/jetstream";
import { createInbox, headers, type Msg, type MsgHdrs, type NatsConnection } from "@nats-io/transport-node";
import type { Clock } from "../../actors/clock.ts";
import { OperationalError } from "../../actors/errors.ts";
import { CONTENT_TYPE, type Envelope } from "./cloud-event.ts";

/** One call: how many of its messages are not acknowledged yet, and who waits for them. */
interface Storing {
  unacknowledged: number;
  readonly done: () => void;
  readonly fail: (why: unknown) => void;
}

interface Acknowledgement {
  readonly stream?: string;
  readonly error?: ConstructorParameters<typeof JetStreamApiError>[0];
}

export class StoredMessages {
  readonly connection: NatsConnection;
  readonly #stream: string;
  readonly #clock: Clock;
  /** With a dot at the end. */
  readonly #inbox: string;
  /** The same for every message but for its id: what is published is written out at once. */
  readonly #fields: MsgHdrs;
  readonly #storing = new Map<number, Storing>();
  #next = 0;

  constructor(connection: NatsConnection, inboxPrefix: string, stream: string, clock: Clock) {
    this.connection = connection;
    this.#stream = stream;
    this.#clock = clock;
    this.#inbox = `${createInbox(inboxPrefix)}.`;
    this.#fields = headers();
    this.#fields.set("Content-Type", CONTENT_TYPE);
    this.#fields.set("Nats-Expected-Stream", stream);
    connection.subscribe(`${this.#inbox}*`, {
      callback: (refusal, message) => {
        if (refusal === null) this.#acknowledge(message);
      },
    });
  }

  /** Resolves when the stream has stored all of them. @throws what it says of the first that it does not store, or that it was silent */
  store(events: readonly Envelope[], timeoutMs: number): Promise<void> {
    if (events.length === 0) return Promise.resolve();
    const first = this.#next;
    this.#next += events.length;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        timer.cancel();
        for (let at = first; at < first + events.length; at++) this.#storing.delete(at);
      };
      const storing: Storing = {
        unacknowledged: events.length,
        done() {
          end();
          resolve();
        },
        fail(why) {
          end();
          reject(why);
        },
      };
      const timer = this.#clock.after(timeoutMs, () => {
        storing.fail(new OperationalError("UNAVAILABLE", `The stream did not answer within ${timeoutMs} ms.`));
      });
      try {
        for (const [at, event] of events.entries()) this.#publish(first + at, event, storing);
      } catch (why) {
        storing.fail(why);
      }
    });
  }

  #publish(number: number, { subject, id, json }: Envelope, storing: Storing): void {
    this.#fields.set("Nats-Msg-Id", id);
    this.#storing.set(number, storing);
    this.connection.publish(subject, json, { headers: this.#fields, reply: this.#inbox + number });
  }

  #acknowledge(message: Msg): void {
    const number = Number(message.subject.slice(this.#inbox.length));
    const storing = this.#storing.get(number);
    if (storing === undefined) return;
    this.#storing.delete(number);
    let why: unknown;
    try {
      why = this.#refusalIn(message);
    } catch (cause) {
      why = cause;
    }
    if (why !== null) {
      storing.fail(why);
      return;
    }
    storing.unacknowledged -= 1;
    if (storing.unacknowledged === 0) storing.done();
  }

  #refusalIn(message: Msg): unknown {
    if (message.data.length === 0) return new OperationalError("UNAVAILABLE", "No stream takes events now.");
    const { stream, error } = message.json<Acknowledgement>();
    if (error !== undefined) return new JetStreamApiError(error);
    return stream === this.#stream ? null : new OperationalError("UNAVAILABLE", "Another stream took an event.");
  }
}

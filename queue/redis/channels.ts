/** Owns which channels of Redis are heard, and by whom, through all interruptions of the connection. */

import type { Log } from "../../actors/telemetry.ts";
import { textOf, type Wire } from "./wire.ts";

interface Hearer {
  readonly said: (message: string) => void;
  readonly begun: () => void;
}

export class Channels {
  readonly #wire: Wire;
  readonly #log: Log;
  readonly #hearers = new Map<string, Set<Hearer>>();
  /** Those that the client has subscribed to, and subscribes to again by itself with each new connection. */
  readonly #subscribed = new Set<string>();

  constructor(wire: Wire, log: Log) {
    this.#wire = wire;
    this.#log = log;
  }

  /** As {@link Redis.hear}. */
  hear(channel: string, said: (message: string) => void, begun: () => void): () => void {
    const hearer = { said, begun };
    const hearers = this.#hearers.get(channel) ?? new Set();
    this.#hearers.set(channel, hearers.add(hearer));
    if (this.#wire.client.isReady) {
      if (this.#subscribed.has(channel)) begun();
      else this.#subscribe(channel);
    }
    return () => {
      hearers.delete(hearer);
      if (hearers.size === 0 && this.#hearers.get(channel) === hearers) this.#forget(channel);
    };
  }

  /** There is a new connection. */
  connected(): void {
    for (const [channel, hearers] of this.#hearers) {
      if (!this.#subscribed.has(channel)) this.#subscribe(channel);
      else for (const { begun } of hearers) begun();
    }
  }

  #subscribe(channel: string): void {
    this.#wire.client.subscribe(channel, this.#deliver).then(
      () => {
        this.#subscribed.add(channel);
        const hearers = this.#hearers.get(channel);
        if (hearers === undefined) this.#forget(channel);
        else for (const { begun } of hearers) begun();
      },
      // The connection was lost meanwhile: the next one begins with it again.
      (cause: unknown) => this.#log.warn({ channel, cause: textOf(cause) }, "a channel of Redis is not heard yet"),
    );
  }

  #forget(channel: string): void {
    this.#hearers.delete(channel);
    if (!this.#subscribed.delete(channel) || !this.#wire.client.isReady) return;
    // Should it fail, messages come that nobody hears.
    this.#wire.client.unsubscribe(channel, this.#deliver).catch(() => {});
  }

  readonly #deliver = (message: string, channel: string): void => {
    for (const { said } of this.#hearers.get(channel) ?? []) said(message);
  };
}

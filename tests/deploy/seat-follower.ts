/** Owns a client that follows a flight's seats by its stream, and begins again where it was whenever a stream ends. */

import type { Served } from "../process/member.ts";
import { EventReader } from "../support/event-reader.ts";

interface Seat {
  readonly seat: string;
  readonly state: string;
}

interface Snapshot {
  readonly version: number;
  readonly seats: readonly Seat[];
}

interface Delta {
  readonly from: number;
  readonly to: number;
  readonly changes: readonly Seat[];
}

/** As long as a browser waits at least before it comes again. */
const AGAIN_MS = 50;

export class SeatFollower {
  readonly flightId: string;
  /** As the events have it. */
  readonly states = new Map<string, string>();
  /** Answers that were no stream, streams that ended without a word, and changes that don't follow what was known. */
  readonly faults: string[] = [];
  resumptions = 0;
  readonly #served: Served;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  #version: number | null = null;

  constructor(served: Served, flightId: string) {
    this.#served = served;
    this.flightId = flightId;
    this.#done = this.#follow();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }

  async #follow(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const last = await this.#listen().catch((error: unknown) => String(error));
      if (this.#abort.signal.aborted) return;
      if (last !== "bye") this.faults.push(last);
      this.resumptions += 1;
      await Bun.sleep(AGAIN_MS);
    }
  }

  /** The name of the last event of one stream. */
  async #listen(): Promise<string> {
    const { url, ca } = this.#served;
    const response = await fetch(`${url}/api/v1/flights/${this.flightId}/seats/stream`, {
      headers: this.#version === null ? {} : { "last-event-id": String(this.#version) },
      signal: this.#abort.signal,
      ...(ca === undefined ? {} : { tls: { ca } }),
    });
    if (response.status !== 200) return `${response.status} ${await response.text()}`;
    const events = EventReader.of(response);
    let last = "nothing";
    for (let heard = await events.next(); heard !== null; heard = await events.next()) {
      last = heard.event;
      if (last === "snapshot") this.#begin(heard.data as Snapshot);
      if (last === "delta") this.#change(heard.data as Delta);
    }
    return last;
  }

  #begin({ version, seats }: Snapshot): void {
    if (this.#version !== null && version < this.#version) this.faults.push(`back from ${this.#version} to ${version}`);
    this.#version = version;
    for (const { seat, state } of seats) this.states.set(seat, state);
  }

  #change({ from, to, changes }: Delta): void {
    if (this.#version === null || from > this.#version) this.faults.push(`${from}–${to} after ${this.#version}`);
    this.#version = to;
    for (const { seat, state } of changes) this.states.set(seat, state);
  }
}

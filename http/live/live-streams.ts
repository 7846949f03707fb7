/** Owns all streams of events of a server: how many there are, that they stay alive, and their end before a stop. */

import type { Clock, Timer } from "../../actors/clock.ts";
import { Problem } from "../problem.ts";
import { BYE, OPENING, PING } from "./event.ts";
import { LiveStream } from "./live-stream.ts";

export interface LiveStreamsOptions {
  /** Streams that may be open at once. @default 10_000 */
  readonly streamsMax?: number;
  /** Time between two pings, in milliseconds. @default 15_000 */
  readonly pingMs?: number;
  /** Events that may wait for a slow client. @default 64 */
  readonly bufferedMax?: number;
  /** How long a connection may be quiet when its stream is over, in seconds: until its next request, or the rest of what waits for its client. @default 30 */
  readonly quietS?: number;
}

/** What the streams need of Bun's server, which closes a quiet connection unless it is told otherwise. */
export interface ConnectionTimeouts {
  /** @param seconds after which a quiet connection is closed; 0: never */
  timeout(request: Request, seconds: number): void;
}

/** The shortest time-out that Bun knows: closes a connection whose client has not read for two pings. */
const BREAK_OFF_S = 1;

export class LiveStreams {
  /** What all streams go by. */
  readonly clock: Clock;
  readonly #streamsMax: number;
  readonly #pingMs: number;
  readonly #bufferedMax: number;
  readonly #quietS: number;
  readonly #streams = new Set<LiveStream>();
  /** Those that were behind at the latest ping. */
  #late = new Set<LiveStream>();
  #timer: Timer | null = null;
  #isStopping = false;

  constructor(clock: Clock, options: LiveStreamsOptions = {}) {
    const { streamsMax = 10_000, pingMs = 15_000, bufferedMax = 64, quietS = 30 } = options;
    this.clock = clock;
    this.#streamsMax = streamsMax;
    this.#pingMs = pingMs;
    this.#bufferedMax = bufferedMax;
    this.#quietS = quietS;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** @throws Problem 503 OVERLOADED when as many streams are open as may be, NOT_READY once the server is stopping */
  checkRoom(): void {
    if (this.#isStopping) throw new Problem(503, "NOT_READY", "The server is stopping; come again.");
    if (this.#streams.size >= this.#streamsMax) {
      throw new Problem(503, "OVERLOADED", "As many streams are open as the server takes.");
    }
  }

  /**
   * Opens a stream for a request.
   * @param server null where no socket is behind the request
   * @param ended called once, when the stream is over
   * @throws as {@link checkRoom}
   */
  open(request: Request, server: ConnectionTimeouts | null, ended: () => void): LiveStream {
    this.checkRoom();
    const stream = new LiveStream({
      bufferedMax: this.#bufferedMax,
      ended: (isBrokenOff) => {
        // The connection outlives its stream: HEAD leaves it at once, and the server's own limit of quiet connections is off by now.
        if (!isBrokenOff) server?.timeout(request, this.#quietS);
        this.#streams.delete(stream);
        this.#late.delete(stream);
        ended();
      },
      breakOff: () => server?.timeout(request, BREAK_OFF_S),
    });
    // Bun would close the connection after some seconds without a request, whatever is written to it [1.4.5].
    server?.timeout(request, 0);
    this.#streams.add(stream);
    stream.send(OPENING);
    this.#timer ??= this.clock.after(this.#pingMs, () => this.#ping());
    return stream;
  }

  /** Says good-bye on every stream and ends it; no other is opened. An HTTP server's stop would wait for open streams for ever. */
  closeAll(): void {
    this.#isStopping = true;
    this.#timer?.cancel();
    for (const stream of this.#streams) stream.end(BYE);
  }

  #ping(): void {
    const late = new Set<LiveStream>();
    for (const stream of this.#streams) {
      if (stream.send(PING)) continue;
      late.add(stream);
      if (this.#late.has(stream)) stream.breakOff();
    }
    this.#late = late;
    this.#timer = this.#streams.size === 0 ? null : this.clock.after(this.#pingMs, () => this.#ping());
  }
}

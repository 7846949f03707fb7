/** Owns one client's stream of events: what waits for a slow client is bounded, and it is told when the client has caught up. */

export interface LiveStreamOptions {
  /** Chunks that may wait for a client that reads slowly; beyond them it is behind. */
  readonly bufferedMax: number;
  /** Called once, when the stream is over, whoever ended it. @param isBrokenOff after {@link breakOff}, on a client that reads nothing */
  readonly ended: (isBrokenOff: boolean) => void;
  /** Lets the server close the connection although its client reads nothing. */
  readonly breakOff: () => void;
}

export class LiveStream {
  readonly body: ReadableStream<Uint8Array>;
  /** Called when a client that was behind reads again. */
  caughtUp: (() => void) | null = null;
  /** Called once, when the stream is over, after which nothing can be sent. */
  left: (() => void) | null = null;
  readonly #options: LiveStreamOptions;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #isBehind = false;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        // Bun asks for more only when the socket has taken what it was given [1.4.5].
        pull: () => {
          if (!this.#isBehind) return;
          this.#isBehind = false;
          this.caughtUp?.();
        },
        cancel: () => this.#over(false),
      },
      { highWaterMark: options.bufferedMax },
    );
  }

  /** The client has not read what it was sent, and is given nothing until it has. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** False when the chunk was dropped: the stream is over, or the client is behind. */
  send(chunk: Uint8Array): boolean {
    if (this.#controller === null || this.#isBehind) return false;
    if ((this.#controller.desiredSize ?? 0) <= 0) {
      this.#isBehind = true;
      return false;
    }
    this.#controller.enqueue(chunk);
    return true;
  }

  /** Ends the stream after what waits in it, and after `last`. */
  end(last: Uint8Array): void {
    if (this.#controller === null) return;
    this.#controller.enqueue(last);
    this.#controller.close();
    this.#over(false);
  }

  /** Gives up on a client that does not read: an ordinary end would wait for it. */
  breakOff(): void {
    if (this.#controller === null) return;
    this.#options.breakOff();
    this.#over(true);
  }

  #over(isBrokenOff: boolean): void {
    if (this.#controller === null) return;
    this.#controller = null;
    this.left?.();
    this.#options.ended(isBrokenOff);
  }
}

/** Owns the reading of server-sent events in tests, one by one, and only when a test asks: until then the client is slow. */

export interface HeardEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: unknown;
}

export class EventReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  static of(response: Response): EventReader {
    if (response.body === null) throw new Error("a stream has a body");
    return new EventReader(response.body);
  }

  /** The next event, or null at the end of the stream. Comments are passed over. */
  async next(): Promise<HeardEvent | null> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end === -1) {
        const { done, value } = await this.#chunks.next();
        if (done) return null;
        this.#text += this.#decoder.decode(value, { stream: true });
        continue;
      }
      const lines = this.#text.slice(0, end).split("\n");
      this.#text = this.#text.slice(end + 2);
      if (lines.some((line) => !line.startsWith(":"))) return heard(lines);
    }
  }

  async cancel(): Promise<void> {
    await this.#chunks.return?.();
  }
}

function heard(lines: readonly string[]): HeardEvent {
  const field = (name: string): string | null =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null;
  return { event: field("event") ?? "message", id: field("id"), data: JSON.parse(field("data") ?? "null") };
}

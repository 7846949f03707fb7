/** Owns what the browser's types leave out of Bun's streams, since one set of types serves server and pages. */

interface ReadableStream<R> {
  /** All that is left of the stream, as UTF-8. Bun's own, and in no browser's. */
  text(): Promise<string>;
}

/** Owns what the parsers of responses share: "more is needed", and the peer that doesn't speak HTTP/1.1. */

/** What a parser returns that has taken every byte and whose end has not come. */
export const NEED_MORE = -1;

/** The peer doesn't speak HTTP/1.1, or not within the bounds: its connection can't be used any more. */
export class MalformedResponse extends Error {
  override readonly name = "MalformedResponse";
}

/** Owns the written form of a server-sent event (WHATWG HTML §9.2). */

const ENCODER = new TextEncoder();

/**
 * Encodes an event once for all the streams that it goes to.
 * @param data JSON, which has no line breaks of its own
 * @param id what a client sends back as `Last-Event-ID` when it comes again
 */
export function encodeEvent(event: string, data: string, id?: string | number): Uint8Array {
  const idLine = id === undefined ? "" : `id: ${id}\n`;
  return ENCODER.encode(`${idLine}event: ${event}\ndata: ${data}\n\n`);
}

/** A comment: clients skip it, but it sends the response's headers on their way. */
export const OPENING: Uint8Array = ENCODER.encode(": open\n\n");

export const PING: Uint8Array = encodeEvent("ping", "{}");

/** The last event before a stop: come again, and another server answers. */
export const BYE: Uint8Array = encodeEvent("bye", "{}");

/** Header fields of a stream. */
export const EVENT_STREAM = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  // nginx would gather events otherwise.
  "x-accel-buffering": "no",
};

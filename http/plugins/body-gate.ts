/** Owns what a request's body must be before any route reads it: JSON, and no longer than the server takes. */

import { Problem } from "../problem.ts";

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/**
 * Refuses a body by its header fields alone. One whose length isn't announced (chunked transfer) is limited while it is read instead.
 * @param bytesMax the longest body
 * @throws Problem 413 BODY_TOO_LARGE, 415 UNSUPPORTED_MEDIA_TYPE
 */
export function checkBody(request: Request, bytesMax: number): void {
  const { headers } = request;
  const length = headers.get("content-length");
  if (length === "0") return;
  if (length === null) {
    if (request.body === null) return;
    limitReading(request, request.body, bytesMax);
  } else if (Number(length) > bytesMax) throw tooLarge(bytesMax);
  const type = headers.get("content-type");
  if (type === "application/json" || (type !== null && JSON_TYPE.test(type))) return;
  throw new Problem(415, "UNSUPPORTED_MEDIA_TYPE", "The body must be application/json.");
}

function tooLarge(bytesMax: number): Problem {
  return new Problem(413, "BODY_TOO_LARGE", `The body is longer than ${bytesMax} bytes.`, { bytesMax });
}

/** Lets the request's own readers stop at the limit. The request stays the same object, because the server knows its peer by it. */
function limitReading(request: Request, body: ReadableStream<Uint8Array>, bytesMax: number): void {
  const text = async (): Promise<string> => new TextDecoder().decode(await readAtMost(body, bytesMax));
  Object.defineProperties(request, {
    arrayBuffer: { value: async () => (await readAtMost(body, bytesMax)).buffer },
    text: { value: text },
    json: { value: async () => JSON.parse(await text()) },
  });
}

async function readAtMost(body: ReadableStream<Uint8Array>, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.byteLength;
    if (length > bytesMax) throw tooLarge(bytesMax);
    parts.push(part);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

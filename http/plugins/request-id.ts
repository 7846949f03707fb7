/** Owns the id of a request, by which a client's report is found in the log. */

import type { Entropy } from "../../actors/entropy.ts";

export const REQUEST_ID = "x-request-id";

/** What is taken over from a client or a proxy: it goes into the log and back into a header. */
const SANE = /^[A-Za-z0-9._-]{8,64}$/;

const PREFIX_BYTES = 6;

/** Gives the id that the request came with, or a new one: this process's random prefix and a number, since a UUID a request costs more. */
export function requestIds(entropy: Entropy): (headers: Headers) => string {
  const prefix = entropy.bytes(PREFIX_BYTES).toHex();
  let count = 0;
  return (headers) => {
    const given = headers.get(REQUEST_ID);
    return given !== null && SANE.test(given) ? given : `${prefix}-${++count}`;
  };
}

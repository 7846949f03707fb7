/** Owns the URL that a request is for. The field `Host` is a part of it, in which a client writes what it likes: with some there is none. */

import { invalidField } from "./invalid-field.ts";

/** @throws Problem 400 VALIDATION when the host makes none (RFC 9112 §3.2) */
export function urlOf(request: Request): URL {
  const url = URL.parse(request.url);
  if (url === null) throw invalidField("Host", "Is no host");
  return url;
}

/** Scheme and host, where Bun has put them there, and then the path [1.4.5]. */
const PATH = /^(?:\w+:\/\/[^/?#]*)?([^?#]*)/;

/** The path, as it came, whatever the host is. */
export function pathOf(request: Request): string {
  return PATH.exec(request.url)?.[1] ?? "";
}

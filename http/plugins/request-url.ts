/** Owns the URL that a request is for. The field `Host` is a part of it, in which a client writes what it likes: with some there is none. */

/** Scheme and host, where Bun has put them there, and then the path [1.4.5]. */
const PATH = /^(?:\w+:\/\/[^/?#]*)?([^?#]*)/;

/** The path, as it came, whatever the host is. */
export function pathOf(request: Request): string {
  return PATH.exec(request.url)?.[1] ?? "";
}

/** Owns conditional reads: an answer's entity tag, and whether the client has that answer already (RFC 9110 §8.8.3, §13.1.2). */

/** A strong tag for this text. */
export function etagOf(text: string): string {
  return `"${Bun.hash(text).toString(36)}"`;
}

/** Whether the field `If-None-Match` names the tag: then the answer is 304. Weak comparison, as the RFC wants it here. */
export function isFresh(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  if (ifNoneMatch === etag || ifNoneMatch === "*") return true;
  return ifNoneMatch.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

/** Owns idempotency at the edge (DESIGN §7): what a key may look like, and the fingerprint of the request that it stands for; guards I5. */

import { Problem } from "../problem.ts";

/** Visible ASCII, without the space. */
const KEY = /^[!-~]{1,255}$/;

/** Base64url characters of the digest that a fingerprint keeps: 132 bits. */
const FINGERPRINT_LENGTH = 22;

export const IDEMPOTENCY_KEY = "Idempotency-Key";
export const IDEMPOTENCY_REPLAYED = "Idempotency-Replayed";

/** @throws Problem 400 IDEMPOTENCY_KEY_MISSING without a key, and with a text that can't be one */
export function idempotencyKeyOf(headers: Headers): string {
  const key = headers.get(IDEMPOTENCY_KEY);
  if (key !== null && KEY.test(key)) return key;
  throw new Problem(
    400,
    "IDEMPOTENCY_KEY_MISSING",
    `This request needs the header ${IDEMPOTENCY_KEY}: 1 to 255 visible ASCII characters.`,
    { field: IDEMPOTENCY_KEY },
  );
}

/**
 * What a key stands for: SHA-256 over method, path and the body as canonical JSON.
 * @param body as it was sent, before defaults are filled in, so that a later default changes no fingerprint
 */
export function fingerprint(method: string, path: string, body: unknown): string {
  return Bun.SHA256.hash(`${method}\n${path}\n${canonicalJson(body)}`, "base64url").slice(0, FINGERPRINT_LENGTH);
}

/** The same text for the same JSON value, in whatever order its members came. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inKeyOrder(value));
}

/** A copy whose members are made in one order; one `stringify` over a copy is twice as fast as joining text member by member. */
function inKeyOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(inKeyOrder);
  const members = value as Readonly<Record<string, unknown>>;
  // Without a prototype, or a member named `__proto__` would be lost.
  const copy: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(members).sort((a, b) => (a < b ? -1 : 1))) copy[name] = inKeyOrder(members[name]);
  return copy;
}

/** Owns fingerprints of what was asked: another request under the same idempotency key is told by another fingerprint. */

/** Base64url characters of the digest that are kept: 132 bits. */
const LENGTH = 22;

/** SHA-256 over what is done, and to what, and over the arguments as canonical JSON. */
export function fingerprintOf(what: string, args: unknown): string {
  return Bun.SHA256.hash(`${what}\n${canonicalJson(args)}`, "base64url").slice(0, LENGTH);
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

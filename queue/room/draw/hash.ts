/** Owns SHA-256 as the draw uses it, and how its values are written. */

import { assert } from "../../../actors/assert.ts";

export const HASH_BYTES = 32;

export type Hash = Uint8Array;

/** SHA-256 of the parts one after another. */
export function sha256(...parts: readonly (Uint8Array | string)[]): Hash {
  const hasher = new Bun.CryptoHasher("sha256");
  for (const part of parts) hasher.update(part);
  return Uint8Array.from(hasher.digest());
}

/** Lower-case hexadecimal. */
export function hexOf(bytes: Uint8Array): string {
  return bytes.toHex();
}

const HEX = /^(?:[0-9a-f]{2})*$/;

/** Null unless the text is lower-case hexadecimal of as many bytes as may be. */
export function bytesOfHex(text: string, bytesMin = HASH_BYTES, bytesMax = bytesMin): Uint8Array | null {
  const isFitting = text.length >= 2 * bytesMin && text.length <= 2 * bytesMax && HEX.test(text);
  return isFitting ? Uint8Array.fromHex(text) : null;
}

export function isSameHash(a: Hash, b: Hash): boolean {
  assert(a.length === HASH_BYTES && b.length === HASH_BYTES, "a hash has 32 bytes");
  return Buffer.compare(a, b) === 0;
}

/** Owns the draw: who of those that came before the opening is served when, by a number that nobody could choose. */

import { assert } from "../../../actors/assert.ts";
import { Feistel } from "../../../actors/domain/feistel.ts";
import type { Entropy } from "../../../actors/entropy.ts";
import { HASH_BYTES, type Hash, sha256 } from "./hash.ts";

/** A ticket more would not be drawn for: far above the people who fit into any line. */
export const TICKETS_MAX = 2 ** 30;

/** As many as NIST SP 800-38G gives its format-preserving Feistel network FF1. */
const ROUNDS = 10;

/**
 * The smallest halves. Measured over all round functions, a network of 10 rounds on 1-bit halves misses the uniform distribution by 1/3000,
 * and each doubling of the halves divides that by 2^10: with 4 bits a line of three is as fair as one of a million.
 */
const HALF_BITS_MIN = 4;

/** What `rank` hashes begin with, so that they are hashes of nothing else. */
const RANK = "pigonair-draw-rank-v1\n";

/** The secret of a room, drawn when the room is made and shown when the sale opens. */
export function newSeed(entropy: Entropy): Uint8Array {
  return entropy.bytes(HASH_BYTES);
}

/** The commitment: SHA-256 of the seed, public from the moment the room is made. */
export function seedHashOf(seed: Uint8Array): Hash {
  assert(seed.length === HASH_BYTES, "a seed has 32 bytes");
  return sha256(seed);
}

/** What the order hangs on: SHA-256 of seed, root and beacon, in this order. @param beacon 0 to 64 bytes: none without a beacon */
export function finalOf(seed: Uint8Array, root: Hash, beacon: Uint8Array | null): Hash {
  assert(seed.length === HASH_BYTES && root.length === HASH_BYTES, "seed and root have 32 bytes each");
  return sha256(seed, root, beacon ?? new Uint8Array());
}

/** Ranks of a line of `n` that was drawn: a permutation of 1 … n, keyed by `final`. Nothing is kept for a ticket. */
export class Ranks {
  readonly n: number;
  readonly #feistel: Feistel | null;

  constructor(n: number, final: Hash) {
    assert(Number.isInteger(n) && n >= 0 && n <= TICKETS_MAX, () => `0 to ${TICKETS_MAX} tickets, not ${n}`);
    this.n = n;
    // There is nothing to shuffle below two.
    this.#feistel = n < 2 ? null : networkOf(n, final);
  }

  /** When the holder of `seq` is served: 1 for whoever is first. @param seq from 1 to n */
  rank(seq: number): number {
    assert(Number.isInteger(seq) && seq >= 1 && seq <= this.n, () => `a place from 1 to ${this.n}, not ${seq}`);
    return this.#feistel === null ? 1 : this.#feistel.of(seq - 1) + 1;
  }
}

/**
 * The round function is SHA-256 of the text `pigonair-draw-rank-v1` and a line feed, `final`, the round as one byte and the half as four:
 * its first four bytes as a number. Each value is worked out once: a million tickets have 10,240 of them.
 */
function networkOf(n: number, final: Hash): Feistel {
  const halfBits = Math.max(HALF_BITS_MIN, Math.ceil(Math.log2(n) / 2));
  const half = 2 ** halfBits;
  const values = new Uint32Array(ROUNDS * half);
  const isKnown = new Uint8Array(ROUNDS * half);

  const prefix = Buffer.from(RANK);
  const input = Buffer.alloc(prefix.length + HASH_BYTES + 5);
  input.set(prefix);
  input.set(final, prefix.length);
  const tail = prefix.length + HASH_BYTES;
  const output = Buffer.alloc(HASH_BYTES);

  return new Feistel(n, halfBits, ROUNDS, (round, value) => {
    const at = round * half + value;
    if (isKnown[at] !== 1) {
      input.writeUInt8(round, tail);
      input.writeUInt32BE(value, tail + 1);
      Bun.SHA256.hash(input, output);
      values[at] = output.readUInt32BE(0);
      isKnown[at] = 1;
    }
    return values[at] ?? 0;
  });
}

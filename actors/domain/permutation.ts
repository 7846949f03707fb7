/** Owns the keyed bijection that numbers go through, so that they never collide and don't tell how many there are. */

import { createHmac } from "node:crypto";
import { assert } from "../assert.ts";
import { Feistel } from "./feistel.ts";

/** As many as NIST SP 800-38G gives its format-preserving Feistel network FF1. */
const ROUNDS = 10;

/** Two halves of 26 bits each: their product is still a safe integer. */
const SIZE_MAX = 2 ** 52;

/**
 * A permutation of the integers in [0, size), fixed by the key and the purpose. The network is over the next even power of two,
 * so that it needs less than four walks on average; its round function is HalfSipHash-2-4.
 */
export class Permutation {
  readonly size: number;
  readonly #feistel: Feistel;

  /**
   * @param key secret; with it anyone can work the original numbers out
   * @param purpose what the numbers are; permutations of different purposes have nothing in common
   * @param size at least 2, at most 2^52
   */
  constructor(key: Uint8Array, purpose: string, size: number) {
    assert(
      Number.isInteger(size) && size >= 2 && size <= SIZE_MAX,
      () => `a permutation of 2 to 2^52 numbers, not ${size}`,
    );
    this.size = size;
    /** Two words of key for each round. */
    const keys = new Uint32Array(2 * ROUNDS);
    for (let round = 0; round < ROUNDS; round++) {
      const derived = createHmac("sha256", key).update(`${purpose}/${size}/${round}`).digest();
      keys[2 * round] = derived.readUInt32LE(0);
      keys[2 * round + 1] = derived.readUInt32LE(4);
    }
    this.#feistel = new Feistel(size, Math.ceil(Math.log2(size) / 2), ROUNDS, (round, half) =>
      halfSipHash(keys[2 * round] ?? 0, keys[2 * round + 1] ?? 0, half),
    );
  }

  /** Where `index` goes. Different indices always go to different places. */
  of(index: number): number {
    return this.#feistel.of(index);
  }
}

/**
 * HalfSipHash-2-4 of one little-endian word, with a 32-bit tag: the variant for short words of SipHash (Aumasson and
 * Bernstein, "SipHash: a fast short-input PRF", 2012), as in the authors' reference implementation.
 */
export function halfSipHash(key0: number, key1: number, word: number): number {
  /** The length of the message, 4 bytes, stands in the top byte of the last block. */
  const lastBlock = 4 << 24;
  let v0 = key0 | 0;
  let v1 = key1 | 0;
  let v2 = key0 ^ 0x6c796765;
  let v3 = key1 ^ 0x74656462;
  for (let round = 0; round < 8; round++) {
    if (round === 0) v3 ^= word;
    if (round === 2) {
      v0 ^= word;
      v3 ^= lastBlock;
    }
    if (round === 4) {
      v0 ^= lastBlock;
      v2 ^= 0xff;
    }
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return (v1 ^ v3) >>> 0;
}

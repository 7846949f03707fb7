/** Owns the network behind every keyed bijection: two halves that are mixed in turn, walked until the result is in the range. */

import { assert } from "../assert.ts";

/** What is mixed into the other half: any whole number from 0 to 2^32 − 1, always the same for the same round and half. */
export type RoundFunction = (round: number, half: number) => number;

/**
 * A permutation of the integers in [0, size): a balanced Feistel network over 2^(2·halfBits) numbers, walked until it comes back
 * into the range (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002). What it is worth is what its round function is worth.
 */
export class Feistel {
  readonly size: number;
  readonly #half: number;
  readonly #rounds: number;
  readonly #mix: RoundFunction;

  /** @param halfBits 1 to 26, so that the product of two halves is a safe integer; at least enough for `size` */
  constructor(size: number, halfBits: number, rounds: number, mix: RoundFunction) {
    assert(
      halfBits >= 1 && halfBits <= 26 && size <= 4 ** halfBits,
      () => `${size} numbers in two ${halfBits}-bit halves`,
    );
    this.size = size;
    this.#half = 2 ** halfBits;
    this.#rounds = rounds;
    this.#mix = mix;
  }

  /** Where `index` goes. Different indices always go to different places. */
  of(index: number): number {
    assert(
      Number.isInteger(index) && index >= 0 && index < this.size,
      () => `an index below ${this.size}, not ${index}`,
    );
    let walked = this.#network(index);
    // Ends: the walk stays on the cycle that `index`, which is in the range, is on itself.
    while (walked >= this.size) walked = this.#network(walked);
    return walked;
  }

  #network(value: number): number {
    const half = this.#half;
    let left = Math.floor(value / half);
    let right = value % half;
    for (let round = 0; round < this.#rounds; round++) {
      const mixed = (left ^ this.#mix(round, right)) & (half - 1);
      left = right;
      right = mixed;
    }
    return left * half + right;
  }
}

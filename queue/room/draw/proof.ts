/** Owns the proof of a draw, as `/proof` answers it: all that anyone needs to work out a rank, in a size that no line makes long. */

import { assert } from "../../../actors/assert.ts";
import { isPublicName } from "../beacon/beacon.ts";
import { finalOf, Ranks, seedHashOf } from "./draw.ts";
import { type Frozen, LEAVES_PER_BLOCK } from "./freeze.ts";
import { HASH_BYTES, type Hash, hexOf } from "./hash.ts";
import { auditPath, countOf } from "./merkle.ts";

/** Which randomness was named beforehand, and what came of it. */
export interface DrawBeacon {
  /** The address of the round; null: none was named. */
  readonly name: string | null;
  /** Its randomness, 1 to 64 bytes; null: none was named, or it didn't answer before the opening. */
  readonly value: Uint8Array | null;
}

/** A draw with everything that it came from. */
export interface Drawn {
  readonly seed: Uint8Array;
  readonly n: number;
  readonly root: Hash;
  readonly beacon: DrawBeacon;
}

/** Hashes are lower-case hexadecimal. */
export interface Proof {
  readonly seedHash: string;
  readonly seed: string;
  readonly n: number;
  readonly root: string;
  readonly beacon: {
    readonly name: string | null;
    readonly value: string | null;
    /** Whom one must trust not to have chosen the order: those who make the beacon, or the operator, who could try lists of tickets before the freeze. */
    readonly trusts: "BEACON" | "OPERATOR";
  };
  readonly final: string;
  /** Of the place that was asked for. */
  readonly rank?: number;
  /** The hashes beside the way from its leaf up to the root, from the bottom. */
  readonly path?: readonly string[];
}

/** A draw whose ranks can be asked for. */
export class Draw {
  readonly drawn: Drawn;
  readonly final: Hash;
  readonly #ranks: Ranks;

  constructor(drawn: Drawn) {
    this.drawn = drawn;
    this.final = finalOf(drawn.seed, drawn.root, drawn.beacon.value);
    this.#ranks = new Ranks(drawn.n, this.final);
  }

  get n(): number {
    return this.drawn.n;
  }

  /** When the holder of `seq` is served: 1 for whoever is first. @param seq from 1 to n */
  rank(seq: number): number {
    return this.#ranks.rank(seq);
  }

  /** Without a place. */
  proof(): Proof {
    const { seed, n, root, beacon } = this.drawn;
    return {
      seedHash: hexOf(seedHashOf(seed)),
      seed: hexOf(seed),
      n,
      root: hexOf(root),
      beacon: {
        name: beacon.name,
        value: beacon.value === null ? null : hexOf(beacon.value),
        trusts: beacon.name !== null && beacon.value !== null && isPublicName(beacon.name) ? "BEACON" : "OPERATOR",
      },
      final: hexOf(this.final),
    };
  }

  /**
   * With the rank of one place and the way from its leaf to the root.
   * @param leaves the block that {@link blockOf} names, as it was kept at the freeze
   */
  proofOf(seq: number, blockRoots: Frozen["blockRoots"], leaves: Uint8Array): Proof {
    return { ...this.proof(), rank: this.rank(seq), path: pathOf(seq, this.n, blockRoots, leaves).map(hexOf) };
  }
}

/** Which block has the leaf of `seq`. */
export function blockOf(seq: number): number {
  return Math.floor((seq - 1) / LEAVES_PER_BLOCK);
}

/** From the leaf up to the root of its block, and from there on: a block is a subtree. */
function pathOf(seq: number, n: number, blockRoots: Uint8Array, leaves: Uint8Array): Hash[] {
  const first = blockOf(seq) * LEAVES_PER_BLOCK;
  assert(countOf(leaves) === Math.min(LEAVES_PER_BLOCK, n - first), () => `the leaves of the block of place ${seq}`);
  assert(blockRoots.length === Math.ceil(n / LEAVES_PER_BLOCK) * HASH_BYTES, "a root for each block");
  return [...auditPath(leaves, seq - 1 - first), ...auditPath(blockRoots, blockOf(seq))];
}

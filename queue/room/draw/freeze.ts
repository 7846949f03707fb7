/** Owns the freezing of a line: its tickets become blocks of leaves and one root, in one pass over them, while others go on working. */

import { assert } from "../../../actors/assert.ts";
import type { Clock } from "../../../actors/clock.ts";
import { TICKETS_MAX } from "./draw.ts";
import { HASH_BYTES, type Hash } from "./hash.ts";
import { type Line, type Place, writeLeaf } from "./leaf.ts";
import { MerkleRoot, rootOf, sizedRoot } from "./merkle.ts";

/** A power of two, so that a block is a subtree. A block takes 32 KiB, and about a millisecond. */
export const LEAVES_PER_BLOCK = 1_024;

/** What stays of a line that was frozen: with its blocks, all that any proof needs. */
export interface Frozen {
  /** How many places there are: the highest `seq`. */
  readonly n: number;
  /** Binds all leaves and `n`. Published at once: before the beacon speaks, and before the seed is shown. */
  readonly root: Hash;
  /** The roots of the blocks, 32 bytes each, one after another: 31 KB for a million places. */
  readonly blockRoots: Uint8Array;
}

/** The line of a room that opens at once: nobody came before. */
export const EMPTY_LINE: Frozen = {
  n: 0,
  root: sizedRoot(0, new MerkleRoot().root()),
  blockRoots: new Uint8Array(),
};

export interface FreezeOptions {
  readonly line: Line;
  /** The highest place that was given out: nobody gets a place up to it any more. */
  readonly n: number;
  /** Who stands there, by rising `seq`, some at a time. A place that nobody has (a counter that jumped after a loss) is left out. */
  readonly places: AsyncIterable<readonly Place[]>;
  /** Keeps a block of leaves (32 bytes each, the last block may be shorter). It must come back unchanged for proofs and for the file. */
  readonly keep: (block: number, leaves: Uint8Array) => Promise<void>;
  readonly clock: Pick<Clock, "soon">;
}

/** Freezes a line. A place above `n` is an error of ours, and so is one that comes twice or out of order. */
export async function freeze({ line, n, places, keep, clock }: FreezeOptions): Promise<Frozen> {
  assert(Number.isInteger(n) && n >= 0 && n <= TICKETS_MAX, () => `0 to ${TICKETS_MAX} tickets, not ${n}`);
  const tree = new MerkleRoot();
  const blockRoots = new Uint8Array(Math.ceil(n / LEAVES_PER_BLOCK) * HASH_BYTES);
  let leaves = new Uint8Array(Math.min(LEAVES_PER_BLOCK, n) * HASH_BYTES);
  let next = 1;

  /** Fills the places up to `seq` with nobody, and `seq` with its member, and lets go of each block that is full. */
  async function take(seq: number, member: string | null): Promise<void> {
    assert(
      Number.isInteger(seq) && seq >= next && seq <= n,
      () => `place ${seq} of ${n} comes when it is the turn of ${next}`,
    );
    for (; next <= seq; next++) {
      const at = (next - 1) % LEAVES_PER_BLOCK;
      writeLeaf(line, next, next === seq ? member : null, leaves, at * HASH_BYTES);
      if ((at + 1) * HASH_BYTES < leaves.length) continue;
      const block = Math.floor((next - 1) / LEAVES_PER_BLOCK);
      const root = rootOf(leaves);
      blockRoots.set(root, block * HASH_BYTES);
      tree.add(root);
      await keep(block, leaves);
      leaves = new Uint8Array(Math.min(LEAVES_PER_BLOCK, n - next) * HASH_BYTES);
      await new Promise<void>((resolve) => clock.soon(resolve));
    }
  }

  for await (const page of places) {
    for (const { seq, member } of page) await take(seq, member);
  }
  if (next <= n) await take(n, null);
  return { n, root: sizedRoot(n, tree.root()), blockRoots };
}

/** Owns the hash tree over a list: its root, in one pass and little memory, and the path by which one entry is checked (RFC 6962 §2.1). */

import { assert, present } from "../../../actors/assert.ts";
import { HASH_BYTES, type Hash, sha256 } from "./hash.ts";

/** RFC 6962 §2.1: what a node's hash begins with. */
const NODE = 1;

/** What the hash of a root with its size begins with: it is neither a leaf nor a node. */
const SIZED = 2;

/** Takes the hashes of a list's entries in their order; keeps one hash for each bit of their number. */
export class MerkleRoot {
  /** Roots of full subtrees, the largest first: as many entries each as the bits of `#count` say. */
  readonly #full: Hash[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @param hash is kept: it must not change afterwards */
  add(hash: Hash): void {
    let merged = hash;
    for (let bits = this.#count; bits % 2 === 1; bits = (bits - 1) / 2) {
      merged = nodeOf(present(this.#full.pop(), "a subtree for each bit"), merged);
    }
    this.#full.push(merged);
    this.#count += 1;
  }

  /** The root over what was added so far; the hash of nothing for an empty list. */
  root(): Hash {
    return (
      this.#full.reduceRight<Hash | null>((right, left) => (right === null ? left : nodeOf(left, right)), null) ??
      sha256()
    );
  }
}

/** @param packed hashes of a list's entries, one after another */
export function rootOf(packed: Uint8Array): Hash {
  const tree = new MerkleRoot();
  for (let at = 0; at < countOf(packed); at++) tree.add(hashAt(packed, at));
  return tree.root();
}

/** The hashes beside the way from the entry at `index` up to the root of `packed`, from the bottom. */
export function auditPath(packed: Uint8Array, index: number): Hash[] {
  const count = countOf(packed);
  assert(index >= 0 && index < count, () => `entry ${index} of ${count}`);
  if (count === 1) return [];
  const left = leftOf(count);
  const [near, far] = [packed.subarray(0, left * HASH_BYTES), packed.subarray(left * HASH_BYTES)];
  return index < left ? [...auditPath(near, index), rootOf(far)] : [...auditPath(far, index - left), rootOf(near)];
}

/**
 * The root that a list of `count` entries has if `hash` is its entry at `index` and `path` is beside the way up;
 * null if no list of that length has such a path (RFC 9162 §2.1.3.2).
 */
export function rootOfPath(hash: Hash, index: number, count: number, path: readonly Hash[]): Hash | null {
  if (index < 0 || index >= count) return null;
  let at = index;
  let last = count - 1;
  let root = hash;
  for (const beside of path) {
    if (last === 0) return null;
    if (at % 2 === 1) root = nodeOf(beside, root);
    else if (at < last) root = nodeOf(root, beside);
    else {
      // The rightmost entry of a level that has nobody beside it goes up as it is.
      while (at % 2 === 0) [at, last] = [at / 2, Math.floor(last / 2)];
      root = nodeOf(beside, root);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root : null;
}

/** A root that binds the number of entries as well: a path alone fits lists of several lengths. */
export function sizedRoot(count: number, root: Hash): Hash {
  const size = Buffer.alloc(1 + 8, SIZED);
  size.writeBigUInt64BE(BigInt(count), 1);
  return sha256(size, root);
}

export function countOf(packed: Uint8Array): number {
  assert(packed.length % HASH_BYTES === 0, "whole hashes");
  return packed.length / HASH_BYTES;
}

export function hashAt(packed: Uint8Array, index: number): Hash {
  return packed.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
}

function nodeOf(left: Hash, right: Hash): Hash {
  const both = new Uint8Array(1 + 2 * HASH_BYTES);
  both[0] = NODE;
  both.set(left, 1);
  both.set(right, 1 + HASH_BYTES);
  const node = new Uint8Array(HASH_BYTES);
  Bun.SHA256.hash(both, node);
  return node;
}

/** The largest power of two below `count`: how many entries the left subtree has. */
function leftOf(count: number): number {
  return 2 ** (31 - Math.clz32(count - 1));
}

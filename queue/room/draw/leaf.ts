/** Owns what a frozen line holds of each ticket: one hash, from which nobody reads who it is, and which its owner can make again. */

import { assert } from "../../../actors/assert.ts";
import type { FlightId, MemberId } from "../../../actors/domain/ids.ts";
import { HASH_BYTES } from "./hash.ts";

/** The line of one waiting room in one epoch. */
export interface Line {
  readonly flightId: FlightId;
  readonly epoch: number;
}

/** Who stands where. */
export interface Place {
  /** 1 for whoever came first. */
  readonly seq: number;
  readonly member: MemberId;
}

/** RFC 6962 §2.1: a leaf can't be taken for a node of the tree. The second part: nor for a hash of anything else. */
const LEAF = "\u0000pigonair-draw-leaf-v1\n";

/**
 * The leaf of one ticket: SHA-256 of the byte 0 and of the text `pigonair-draw-leaf-v1`, flight, epoch, seq, member, one a line.
 * A member's id is random (UUID): without knowing it nobody finds out whose a leaf is, nor by trying.
 *
 * @param member null: nobody had this place when the line was frozen
 * @param into where the hash is written, at `at`
 */
export function writeLeaf(
  { flightId, epoch }: Line,
  seq: number,
  member: MemberId | null,
  into: Uint8Array,
  at = 0,
): void {
  assert(member === null || /^[!-~]+$/.test(member), "a member's id is one visible word");
  Bun.SHA256.hash(`${LEAF}${flightId}\n${epoch}\n${seq}\n${member ?? ""}`, into.subarray(at, at + HASH_BYTES));
}

/** As {@link writeLeaf}, alone. */
export function leafOf(line: Line, seq: number, member: MemberId | null): Uint8Array {
  const leaf = new Uint8Array(HASH_BYTES);
  writeLeaf(line, seq, member, leaf);
  return leaf;
}

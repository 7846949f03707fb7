/**
 * Owns a map by name that may become large. It is kept in pieces: whenever one entry of a map is written, the garbage collector looks again
 * through the whole of it, and in the sale of a large flight that came to cost more than the collecting.
 */

import { present } from "../assert.ts";

/** So many entries to a piece, on average. */
const PIECE = 256;

/** So many letters of a name say in which piece it is. */
const LETTERS = 16;

export class PiecedMap<V> {
  /** A power of two of them. */
  readonly #pieces: readonly Map<string, V>[];
  #size = 0;

  /** @param entries about so many will come; many more make the pieces larger, and nothing else */
  constructor(entries: number) {
    const pieces = 2 ** Math.ceil(Math.log2(Math.max(1, entries / PIECE)));
    this.#pieces = Array.from({ length: pieces }, () => new Map());
  }

  get size(): number {
    return this.#size;
  }

  get(name: string): V | undefined {
    return this.#pieceOf(name).get(name);
  }

  has(name: string): boolean {
    return this.#pieceOf(name).has(name);
  }

  /** @returns whether the name is new */
  set(name: string, value: V): boolean {
    const piece = this.#pieceOf(name);
    const before = piece.size;
    piece.set(name, value);
    const isNew = piece.size > before;
    if (isNew) this.#size += 1;
    return isNew;
  }

  delete(name: string): boolean {
    const wasThere = this.#pieceOf(name).delete(name);
    if (wasThere) this.#size -= 1;
    return wasThere;
  }

  /** In no order that says anything. */
  *[Symbol.iterator](): Generator<[string, V]> {
    for (const piece of this.#pieces) yield* piece;
  }

  /** In the order of the entries. */
  *values(): Generator<V> {
    for (const piece of this.#pieces) yield* piece.values();
  }

  #pieceOf(name: string): Map<string, V> {
    const { length } = this.#pieces;
    return present(this.#pieces[length === 1 ? 0 : hash(name) & (length - 1)], "a piece");
  }
}

/** FNV-1a over letters from all of the name; where names differ in others alone, their pieces are only less even. */
function hash(name: string): number {
  const step = Math.ceil(name.length / LETTERS);
  let hashed = 0x811c9dc5;
  for (let at = name.length - 1; at >= 0; at -= step) hashed = Math.imul(hashed ^ name.charCodeAt(at), 0x01000193);
  return hashed ^ (hashed >>> 15);
}

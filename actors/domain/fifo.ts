/** Owns a line of things, first in, first out: each costs the same to put in and to take, however long the line is. */

/** Things are kept in pieces of so many, so that the garbage collector looks again through the last piece alone when one is put in. */
const PIECE = 1_024;

export class Fifo<T extends object> {
  /** All full but the last. */
  readonly #pieces: (T | undefined)[][] = [];
  /** How many of the first piece were taken. */
  #taken = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one that was put in first of those that are here. */
  get first(): T | undefined {
    return this.#pieces[0]?.[this.#taken];
  }

  put(thing: T): void {
    const last = this.#pieces.at(-1);
    if (last === undefined || last.length === PIECE) this.#pieces.push([thing]);
    else last.push(thing);
    this.#size += 1;
  }

  take(): T | undefined {
    const piece = this.#pieces[0];
    const thing = piece?.[this.#taken];
    if (piece === undefined || thing === undefined) return undefined;
    piece[this.#taken++] = undefined;
    this.#size -= 1;
    if (this.#taken === piece.length) {
      this.#pieces.shift();
      this.#taken = 0;
    }
    return thing;
  }

  /** First in, first out. */
  *[Symbol.iterator](): Generator<T> {
    for (const piece of this.#pieces) for (const thing of piece) if (thing !== undefined) yield thing;
  }
}

/**
 * Owns values by key that are forgotten again, those first that were set longest ago. A Map has this order as well, but to find its first
 * entry it passes all that were deleted before: of a hundred thousand that is 50 µs each time.
 */

import { Fifo } from "./domain/fifo.ts";

interface Entry<K, V> {
  readonly key: K;
  /** Null: deleted, or set anew. */
  held: { readonly value: V } | null;
}

/** Entries that have gone may be as many as those that are here, and so many more. */
const GONE_MAX = 1_024;

export class OldestFirst<K, V> {
  readonly #entries = new Map<K, Entry<K, V>>();
  /** In the order of setting; those that have gone stay until they are passed. */
  #line = new Fifo<Entry<K, V>>();

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)?.held?.value;
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  /** The key is the youngest from now on, whether or not it was here. */
  set(key: K, value: V): void {
    const before = this.#entries.get(key);
    if (before !== undefined) before.held = null;
    const entry: Entry<K, V> = { key, held: { value } };
    this.#entries.set(key, entry);
    this.#line.put(entry);
    if (this.#line.size > 2 * this.#entries.size + GONE_MAX) this.#closeUp();
  }

  /** @returns whether it was here */
  delete(key: K): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    entry.held = null;
    return this.#entries.delete(key);
  }

  /** Deletes the oldest for as long as the test says so of it. @returns what was deleted, the oldest first */
  deleteOldest(isDue: (value: V) => boolean): (readonly [K, V])[] {
    const deleted: (readonly [K, V])[] = [];
    for (let first = this.#line.first; first !== undefined; first = this.#line.first) {
      if (first.held !== null) {
        if (!isDue(first.held.value)) break;
        this.#entries.delete(first.key);
        deleted.push([first.key, first.held.value]);
      }
      this.#line.take();
    }
    return deleted;
  }

  #closeUp(): void {
    const line = new Fifo<Entry<K, V>>();
    for (const entry of this.#line) if (entry.held !== null) line.put(entry);
    this.#line = line;
  }
}

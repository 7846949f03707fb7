/** Owns counts by name, of which there may become many; a name that counts for nothing is not kept. */

import { PiecedMap } from "./pieced-map.ts";

export class Tally {
  /** Counted in place: to write an entry of a map costs more than all else here. */
  readonly #counts: PiecedMap<{ count: number }>;

  /** @param names about so many will be counted */
  constructor(names: number) {
    this.#counts = new PiecedMap(names);
  }

  of(name: string): number {
    return this.#counts.get(name)?.count ?? 0;
  }

  /** Counts so many more, or fewer. @returns what it has come to */
  add(name: string, more: number): number {
    const counted = this.#counts.get(name);
    if (counted === undefined) {
      if (more !== 0) this.#counts.set(name, { count: more });
      return more;
    }
    counted.count += more;
    if (counted.count === 0) this.#counts.delete(name);
    return counted.count;
  }

  *[Symbol.iterator](): Generator<[string, number]> {
    for (const [name, { count }] of this.#counts) yield [name, count];
  }
}

/**
 * Owns things that come and go all the time, each under a number of its own, such as requests on their way. What has gone can be forgotten by
 * the garbage collector at once. Out of a Map it can't: whenever a Map makes room, it leaves a table behind that holds what was in it and
 * refers to the next table. Once the collector takes one such table for long-lived, it takes all after it for that, with all that ever was in them.
 */

const PLACES_MIN = 64;

export class Slab<T extends object> {
  /** A power of two; each thing is where its number says, and at least half of them are empty. */
  #places: (T | undefined)[] = new Array(PLACES_MIN).fill(undefined);
  #numbers: number[] = new Array(PLACES_MIN).fill(-1);
  #next = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns its number, which no other thing has ever had */
  add(thing: T): number {
    if (2 * this.#size >= this.#places.length) this.#grow();
    while (this.#places[this.#next % this.#places.length] !== undefined) this.#next += 1;
    const number = this.#next++;
    this.#put(number, thing);
    this.#size += 1;
    return number;
  }

  get(number: number): T | undefined {
    const place = number % this.#places.length;
    return this.#numbers[place] === number ? this.#places[place] : undefined;
  }

  /** @returns whether it was there */
  delete(number: number): boolean {
    if (this.get(number) === undefined) return false;
    this.#places[number % this.#places.length] = undefined;
    this.#size -= 1;
    return true;
  }

  /** In no order; each may be deleted when its turn comes. */
  *values(): Generator<T> {
    for (const thing of this.#places) if (thing !== undefined) yield thing;
  }

  /** Its numbers are not given out again. */
  clear(): void {
    this.#places.fill(undefined);
    this.#size = 0;
  }

  #put(number: number, thing: T): void {
    const place = number % this.#places.length;
    this.#places[place] = thing;
    this.#numbers[place] = number;
  }

  /** Whoever had places of their own has places of their own among twice as many. */
  #grow(): void {
    const places = this.#places;
    const numbers = this.#numbers;
    this.#places = new Array(2 * places.length).fill(undefined);
    this.#numbers = new Array(2 * places.length).fill(-1);
    for (const [place, thing] of places.entries()) {
      const number = numbers[place];
      if (thing !== undefined && number !== undefined) this.#put(number, thing);
    }
  }
}

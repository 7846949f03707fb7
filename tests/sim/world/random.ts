/** Owns the dice of the simulation: numbers that follow from a seed alone, in streams that don't disturb each other. */

import { present } from "../../../actors/assert.ts";

/** sfc32 by Chris Doty-Humphrey (PractRand): small, fast, and far more even than a simulation needs. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param seed any whole number; @param stream names one of the independent streams that follow from it */
  constructor(seed: number, stream = "") {
    let hash = 0x811c9dc5;
    for (const character of `${seed}/${stream}`) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    this.#a = hash | 0;
    this.#b = Math.imul(seed, 0x9e3779b1) | 0;
    this.#c = Math.imul(seed ^ hash, 0x85ebca6b) | 0;
    for (let warmedUp = 0; warmedUp < 12; warmedUp++) this.#bits();
  }

  /** A stream of its own: what is drawn from it changes nothing here, but that it was made. */
  fork(stream: string): Random {
    return new Random(this.#bits(), stream);
  }

  /** In [0, 1). */
  fraction(): number {
    return (this.#bits() >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** A whole number from `min` to `max`, both included. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1));
  }

  between(min: number, max: number): number {
    return min + this.fraction() * (max - min);
  }

  /** How long until something comes that comes every `mean` on average; at most ten times as long. */
  wait(mean: number): number {
    return Math.min(10 * mean, -mean * Math.log(1 - this.fraction()));
  }

  pick<T>(from: readonly T[]): T {
    return present(from[Math.floor(this.fraction() * from.length)], "something to pick from");
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#bits() & 0xff);
  }

  #bits(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum;
  }
}

/** Owns the flights that a file's tests sell, each given once: a test that is tried again finds its flight as untouched as it was at first. */

import { present } from "../../actors/assert.ts";

export class UntouchedFlights {
  readonly #left: string[];

  /** @param flights ids of flights that nobody has touched */
  constructor(flights: readonly string[]) {
    this.#left = [...flights];
  }

  /** @throws AssertionFailed if all have been given */
  next(): string {
    return present(this.#left.shift(), "there are more flights than tests and second attempts");
  }
}

/** Owns what a mutant is: a fault that is put into copies of the product's own modules. */

import type { Check } from "../world/findings.ts";

export interface Edit {
  readonly file: string;
  readonly snippet: string;
  readonly instead: string;
}

export interface Mutant {
  readonly name: string;
  /** What is wrong with it. */
  readonly what: string;
  readonly edits: readonly Edit[];
  /** By one of these it must be found. */
  readonly foundBy: readonly Check[];
  /** Checks that find only what was done to let the fault show. @default none */
  readonly excused?: readonly Check[];
  /** Within so many seeds, from 1 on. */
  readonly seedsMax: number;
}

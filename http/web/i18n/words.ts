/** Owns what a language must have words for: all that the pages say. */

import type { ENGLISH } from "./en.ts";

export type Words = typeof ENGLISH;

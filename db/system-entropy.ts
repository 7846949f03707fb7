/** Owns the machine's randomness. */

import { randomBytes } from "node:crypto";
import type { Entropy } from "../actors/entropy.ts";

export function systemEntropy(): Entropy {
  return {
    uuid: () => Bun.randomUUIDv7(),
    bytes: (length) => Uint8Array.from(randomBytes(length)),
    fraction: () => Math.random(),
  };
}

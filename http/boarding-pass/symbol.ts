/** Owns the code as a picture: an Aztec symbol (ISO/IEC 24778), which Resolution 792 allows on mobile devices and which needs no quiet zone. */

import bwip from "bwip-js/generic";
import { assert } from "../../actors/assert.ts";

/** Per cent of the symbol that may be spoilt: what the standard recommends, and Resolution 792 asks for. */
const ERROR_CORRECTION = "23";

export interface AztecSymbol {
  /** Modules along an edge. */
  readonly size: number;
  /** `d` of one SVG path that covers the dark modules, each of 1 × 1. */
  readonly path: string;
}

export function aztecSymbol(text: string): AztecSymbol {
  const [raw] = bwip.raw("azteccode", text, `eclevel=${ERROR_CORRECTION}`);
  assert(raw !== undefined && "pixs" in raw && raw.pixx === raw.pixy, "an Aztec symbol is one square");
  const { pixs, pixx: size } = raw;
  let path = "";
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (pixs[y * size + x] !== 1) continue;
      const from = x;
      while (x + 1 < size && pixs[y * size + x + 1] === 1) x++;
      // Neighbours in one stroke: no hairlines of light between them.
      path += `M${from} ${y}h${x + 1 - from}v1h-${x + 1 - from}z`;
    }
  }
  return { size, path };
}

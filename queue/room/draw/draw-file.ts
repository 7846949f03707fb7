/** Owns the file of a draw, as it is written: every public fact, and one line for each place, for anybody to download and check. */

import { LEAVES_PER_BLOCK } from "./freeze.ts";
import { type Hash, hexOf } from "./hash.ts";
import type { Line } from "./leaf.ts";
import { countOf, hashAt } from "./merkle.ts";
import type { Draw, Drawn } from "./proof.ts";

/** What a file or a proof says of a draw; whether it is true is another question. */
export interface Published extends Drawn {
  readonly seedHash: Hash;
  readonly final: Hash;
}

export const DRAW_FILE = "pigonair-draw 1";

/** The names of the header's lines, in their order. */
export const HEADER = [
  "flight",
  "epoch",
  "tickets",
  "seed-hash",
  "seed",
  "root",
  "beacon",
  "beacon-value",
  "final",
] as const;

/** What stands for a beacon that was not named, and for a value that did not come. */
export const NONE = "none";

/** The last line: nothing is missing. */
export const END = "end";

export const DRAW_FILE_TYPE = "text/plain; charset=utf-8";

/**
 * The lines of the file, some thousand at a time: about 80 MB for a million places. A last line says that nothing is missing.
 *
 * @param leaves the blocks that were kept at the freeze, by number
 */
export async function* drawFile(
  line: Line,
  draw: Draw,
  leaves: (block: number) => Promise<Uint8Array>,
): AsyncGenerator<string> {
  const { seedHash, seed, n, root, beacon, final } = draw.proof();
  const header: Record<(typeof HEADER)[number], string> = {
    flight: line.flightId,
    epoch: String(line.epoch),
    tickets: String(n),
    "seed-hash": seedHash,
    seed,
    root,
    beacon: beacon.name ?? NONE,
    "beacon-value": beacon.value ?? NONE,
    final,
  };
  yield `${[DRAW_FILE, ...HEADER.map((name) => `${name}: ${header[name]}`)].join("\n")}\n\n`;
  for (let block = 0; block * LEAVES_PER_BLOCK < n; block++) {
    const packed = await leaves(block);
    let lines = "";
    for (let at = 0; at < countOf(packed); at++) {
      const seq = block * LEAVES_PER_BLOCK + at + 1;
      lines += `${seq} ${draw.rank(seq)} ${hexOf(hashAt(packed, at))}\n`;
    }
    yield lines;
  }
  yield `${END}\n`;
}

/** Owns draws of the tests: a line of made-up members, frozen and drawn as a room does it, with its file and its proofs. */

import { present } from "../../actors/assert.ts";
import { drawFile } from "../../queue/room/draw/draw-file.ts";
import { type Frozen, freeze } from "../../queue/room/draw/freeze.ts";
import { sha256 } from "../../queue/room/draw/hash.ts";
import type { Line, Place } from "../../queue/room/draw/leaf.ts";
import { blockOf, Draw, type DrawBeacon, type Proof } from "../../queue/room/draw/proof.ts";
import { FakeClock } from "./fake-clock.ts";

export const LINE: Line = { flightId: "PG-101-20300101", epoch: 3 };

/** Has the form of a UUID, and is always the same for the same place. */
export function memberAt(seq: number): string {
  return `0190c1a0-0000-7000-8000-${String(seq).padStart(12, "0")}`;
}

/** Always the same 32 bytes for the same text. */
export function bytesOf(text: string): Uint8Array {
  return sha256(text);
}

export function placesUpTo(n: number): Place[] {
  return Array.from({ length: n }, (_, at) => ({ seq: at + 1, member: memberAt(at + 1) }));
}

async function* pages(places: readonly Place[], size: number): AsyncGenerator<readonly Place[]> {
  for (let at = 0; at < places.length; at += size) yield places.slice(at, at + size);
}

export interface GivenDrawOptions {
  readonly n: number;
  /** @default everybody is there */
  readonly places?: readonly Place[];
  readonly seed?: Uint8Array;
  /** @default none was named */
  readonly beacon?: DrawBeacon;
  readonly pageSize?: number;
}

export class GivenDraw {
  readonly draw: Draw;
  readonly frozen: Frozen;
  readonly blocks: ReadonlyMap<number, Uint8Array>;

  private constructor(draw: Draw, frozen: Frozen, blocks: ReadonlyMap<number, Uint8Array>) {
    this.draw = draw;
    this.frozen = frozen;
    this.blocks = blocks;
  }

  static async of({ n, places = placesUpTo(n), seed, beacon, pageSize = 1_000 }: GivenDrawOptions): Promise<GivenDraw> {
    const blocks = new Map<number, Uint8Array>();
    const frozen = await freeze({
      line: LINE,
      n,
      places: pages(places, pageSize),
      keep: async (block, leaves) => void blocks.set(block, leaves),
      clock: new FakeClock(),
    });
    const drawn = {
      seed: seed ?? bytesOf("seed"),
      n,
      root: frozen.root,
      beacon: beacon ?? { name: null, value: null },
    };
    return new GivenDraw(new Draw(drawn), frozen, blocks);
  }

  block(block: number): Uint8Array {
    return present(this.blocks.get(block), `block ${block} was kept`);
  }

  proofOf(seq: number): Proof {
    return this.draw.proofOf(seq, this.frozen.blockRoots, this.block(blockOf(seq)));
  }

  async file(): Promise<string> {
    let text = "";
    for await (const lines of drawFile(LINE, this.draw, async (block) => this.block(block))) text += lines;
    return text;
  }
}

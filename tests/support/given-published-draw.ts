/** Owns a draw that was published, for tests of `verify-draw`: its file, a beacon that anybody can look up, and what the command says. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../db/system-clock.ts";
import { hexOf, sha256 } from "../../queue/room/draw/hash.ts";
import { runVerifyDraw } from "../../queue/room/draw/verify-draw.ts";
import { GivenDraw, LINE, memberAt } from "./given-draw.ts";

/** A real round of drand's first chain. */
const SIGNATURE =
  "8d61d9100567de44682506aea1a7a6fa6e5491cd27a0a0ed349ef6910ac5ac20ff7bc3e09d7c046566c9f7f3c6f3b10104990e7cb424998203d8f7de586fb7fa5f60045417a432684f85093b06ca91c769f0e7ca19268375e659c2a2352b4655";
export const RANDOMNESS = "101297f1ca7dc44ef6088d94ad5fb7ba03455dc33d53ddb412bbc4564ed986ec";

/** Tickets of the draw. */
export const N = 40;

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command. */
export async function verifyDraw(...args: readonly string[]): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const take = (lines: string[]) => (line: string) => void lines.push(line);
  const code = await runVerifyDraw(args, { clock: systemClock(), out: take(out), err: take(err) });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

export function ticketAt(seq: number, member = memberAt(seq)): string {
  return JSON.stringify({ room: LINE.flightId, epoch: LINE.epoch, seq, member, iat: 1, exp: 2 });
}

export class GivenPublishedDraw {
  readonly folder = mkdtempSync(join(tmpdir(), "pigonair-draw-"));
  readonly draw: GivenDraw;
  readonly text: string;
  readonly beaconName: string;
  readonly #server: Bun.Server<undefined>;

  private constructor(server: Bun.Server<undefined>, beaconName: string, draw: GivenDraw, text: string) {
    this.#server = server;
    this.beaconName = beaconName;
    this.draw = draw;
    this.text = text;
  }

  static async start(): Promise<GivenPublishedDraw> {
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: ({ url }) =>
        new URL(url).pathname === "/public/1"
          ? Response.json({ round: 1, randomness: RANDOMNESS, signature: SIGNATURE })
          : new Response("no such round", { status: 404 }),
    });
    const name = `${server.url}public/1`;
    const draw = await GivenDraw.of({ n: N, beacon: { name, value: Uint8Array.fromHex(RANDOMNESS) } });
    return new GivenPublishedDraw(server, name, draw, await draw.file());
  }

  get root(): string {
    return hexOf(this.draw.frozen.root);
  }

  get seedHash(): string {
    return this.draw.draw.proof().seedHash;
  }

  rank(seq: number): number {
    return this.draw.draw.rank(seq);
  }

  /** Puts the text into a file, and verifies that. */
  async verify(text: string, ...flags: readonly string[]): Promise<Said> {
    const file = join(this.folder, `${hexOf(sha256(text)).slice(0, 16)}.txt`);
    await Bun.write(file, text);
    return verifyDraw(file, ...flags);
  }

  /** The file with the line of one place changed. */
  atPlace(seq: number, change: (line: string) => string): string {
    return this.text.replace(new RegExp(`^${seq} .*\n`, "m"), change);
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
    rmSync(this.folder, { recursive: true });
  }
}

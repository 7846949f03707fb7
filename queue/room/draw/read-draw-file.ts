/** Owns the reading of a draw's file, line by line, so that its length doesn't matter: what it says, or at which line it is no such file. */

import { FLIGHT_ID } from "../../../actors/domain/ids.ts";
import { TICKETS_MAX } from "./draw.ts";
import { DRAW_FILE, END, HEADER, NONE, type Published } from "./draw-file.ts";
import { bytesOfHex, type Hash } from "./hash.ts";
import type { Line } from "./leaf.ts";

/** No line of ours is as long. */
const LINE_LENGTH_MAX = 4_096;

const PLACE = /^([1-9]\d{0,9}) ([1-9]\d{0,9}) ([0-9a-f]{64})$/;

export interface DrawFilePlace {
  readonly lineNumber: number;
  readonly seq: number;
  readonly rank: number;
  readonly leaf: Hash;
}

/** Who hears of what was read, in the order of the file. */
export interface DrawFileListener {
  header(line: Line, published: Published): void;
  place(place: DrawFilePlace): void;
}

/** What is wrong with the form of a file. */
export interface Malformed {
  /** 1 for the first line. */
  readonly lineNumber: number;
  readonly problem: string;
}

/** Reads a file to its end. @returns null, or where it is malformed: what stands after that isn't read */
export async function readDrawFile(
  chunks: AsyncIterable<Uint8Array>,
  listener: DrawFileListener,
): Promise<Malformed | null> {
  const reader = new Reader(listener);
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const problem = reader.take(line.endsWith("\r") ? line.slice(0, -1) : line);
      if (problem !== null) return { lineNumber: reader.lineNumber, problem };
    }
    if (rest.length > LINE_LENGTH_MAX)
      return { lineNumber: reader.lineNumber + 1, problem: "is too long for this file" };
  }
  if (rest !== "") return { lineNumber: reader.lineNumber + 1, problem: "breaks off: download the file again" };
  if (reader.lineNumber === 0) return { lineNumber: 1, problem: "is missing: the file is empty" };
  if (reader.isEnded) return null;
  return { lineNumber: reader.lineNumber, problem: "is the last one, but the file has no end: download it again" };
}

/** One state for each part of the file: first line, header, empty line, places, end. */
class Reader {
  readonly #listener: DrawFileListener;
  readonly #header: string[] = [];
  lineNumber = 0;
  isEnded = false;

  constructor(listener: DrawFileListener) {
    this.#listener = listener;
  }

  /** What is wrong with the next line, or null. */
  take(line: string): string | null {
    this.lineNumber += 1;
    const header = this.lineNumber - 2;
    if (header === -1) return line === DRAW_FILE ? null : `is not "${DRAW_FILE}": this is no file of a draw`;
    const name = HEADER[header];
    if (name !== undefined) {
      if (!line.startsWith(`${name}: `)) return `must begin with "${name}: "`;
      this.#header.push(line.slice(name.length + 2));
      return header === HEADER.length - 1 ? this.#endHeader() : null;
    }
    if (header === HEADER.length) return line === "" ? null : "must be empty";
    if (this.isEnded) return "stands after the end";
    return this.#takePlace(line);
  }

  #takePlace(line: string): string | null {
    const place = PLACE.exec(line);
    if (place !== null) {
      const [, seq, rank, leaf = ""] = place;
      this.#listener.place({
        lineNumber: this.lineNumber,
        seq: Number(seq),
        rank: Number(rank),
        leaf: Uint8Array.fromHex(leaf),
      });
      return null;
    }
    this.isEnded = line === END;
    return this.isEnded ? null : 'must be a place, its rank and 64 hexadecimal digits, or "end"';
  }

  #endHeader(): string | null {
    const [
      flight = "",
      epoch = "",
      tickets = "",
      seedHash = "",
      seed = "",
      root = "",
      beacon = "",
      beaconValue = "",
      final = "",
    ] = this.#header;
    const hashes = { "seed-hash": seedHash, seed, root, final };
    const bad = Object.entries(hashes).find(([, hash]) => bytesOfHex(hash) === null);
    if (bad !== undefined) return `ends a header whose "${bad[0]}" is not 64 hexadecimal digits`;
    if (!FLIGHT_ID.test(flight)) return 'ends a header whose "flight" is no flight';
    if (!/^\d{1,15}$/.test(epoch)) return 'ends a header whose "epoch" is no number';
    if (!/^\d{1,10}$/.test(tickets) || Number(tickets) > TICKETS_MAX)
      return 'ends a header whose "tickets" is no number of tickets';
    const value = beaconValue === NONE ? null : bytesOfHex(beaconValue, 1, 64);
    if (value === null && beaconValue !== NONE)
      return 'ends a header whose "beacon-value" is neither hexadecimal nor none';
    this.#listener.header(
      { flightId: flight, epoch: Number(epoch) },
      {
        seed: hash(seed),
        n: Number(tickets),
        root: hash(root),
        beacon: { name: beacon === NONE ? null : beacon, value },
        seedHash: hash(seedHash),
        final: hash(final),
      },
    );
    return null;
  }
}

function hash(text: string): Hash {
  return Uint8Array.fromHex(text);
}

/** Owns the command line of `verify-draw`: what is to be checked, and against what. */

import { parseArgs } from "node:util";
import type { Known } from "./check.ts";
import { bytesOfHex, HASH_BYTES } from "./hash.ts";
import { type MyTicket, readMyTicket } from "./my-ticket.ts";

export const USAGE = `usage: bun main.ts verify-draw FILE [--ticket TEXT] [--seed-hash HEX] [--root HEX] [--beacon HEX | --fetch-beacon]
  FILE             the whole list of a draw, or the JSON of one proof, as the waiting room gives them
  --ticket TEXT    your ticket: is it in the list, and when is it served?
  --seed-hash HEX  what you noted when the room was made
  --root HEX       what you noted when the line was frozen
  --beacon HEX     the public randomness, looked up by yourself
  --fetch-beacon   look it up now, at the address that the draw names
exit code: 0 when the draw is right, 1 when it is wrong, 2 when it could not be checked`;

export interface VerifyOrder {
  readonly file: string;
  readonly ticket: MyTicket | null;
  readonly known: Known;
  readonly fetchBeacon: boolean;
}

const OPTIONS = {
  ticket: { type: "string" },
  "seed-hash": { type: "string" },
  root: { type: "string" },
  beacon: { type: "string" },
  "fetch-beacon": { type: "boolean" },
} as const;

/** What the command line asks for, or what is wrong with it. */
export function readOrder(args: readonly string[]): VerifyOrder | string {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
  const { values, positionals } = parsed;
  const [file, ...others] = positionals;
  if (file === undefined) return "which file?";
  if (others.length > 0) return `one file at a time: ${others.join(" ")}`;

  const ticket = values.ticket === undefined ? null : readMyTicket(values.ticket);
  if (values.ticket !== undefined && ticket === null) return "--ticket is no ticket of a waiting room";
  const fetchBeacon = values["fetch-beacon"] === true;
  if (fetchBeacon && values.beacon !== undefined) return "either --beacon or --fetch-beacon";
  const known: Record<keyof Known, Uint8Array | null> = { seedHash: null, root: null, beacon: null };
  const given = [
    ["seedHash", "seed-hash", HASH_BYTES, HASH_BYTES],
    ["root", "root", HASH_BYTES, HASH_BYTES],
    ["beacon", "beacon", 1, 64],
  ] as const;
  for (const [name, option, bytesMin, bytesMax] of given) {
    const text = values[option];
    if (text === undefined) continue;
    known[name] = bytesOfHex(text.toLowerCase(), bytesMin, bytesMax);
    if (known[name] === null)
      return `--${option} must be hexadecimal digits${bytesMin === bytesMax ? `, ${2 * bytesMin} of them` : ""}`;
  }
  return { file, ticket, known, fetchBeacon };
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

/** Owns what a round of randomness says: the JSON of drand (https://docs.drand.love/developer/http-api), checked as far as it can be without its keys. */

import { bytesOfHex, hexOf, sha256 } from "../draw/hash.ts";

/** A BLS signature has 48 or 96 bytes. */
const SIGNATURE_BYTES_MIN = 32;
const SIGNATURE_BYTES_MAX = 128;

export type RoundReading =
  | { readonly ok: true; readonly randomness: Uint8Array }
  | { readonly ok: false; readonly problem: string };

/**
 * The randomness in `{round, signature, randomness?}`: drand's is SHA-256 of the signature, and newer addresses leave it out.
 * @param round that was asked for
 */
export function readRound(text: string, round: number): RoundReading {
  const fields = parsed(text);
  if (fields === null) return wrong("is no JSON object");
  if (fields.round !== round) return wrong(`is about round ${String(fields.round)}, not ${round}`);
  const signature = bytesIn(fields.signature, SIGNATURE_BYTES_MIN, SIGNATURE_BYTES_MAX);
  if (signature === null) return wrong("has no signature");
  const randomness = sha256(signature);
  if (fields.randomness !== undefined && fields.randomness !== hexOf(randomness))
    return wrong("has a randomness that is not that of its signature");
  return { ok: true, randomness };
}

function wrong(problem: string): RoundReading {
  return { ok: false, problem };
}

function bytesIn(value: unknown, bytesMin: number, bytesMax: number): Uint8Array | null {
  return typeof value === "string" ? bytesOfHex(value.toLowerCase(), bytesMin, bytesMax) : null;
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

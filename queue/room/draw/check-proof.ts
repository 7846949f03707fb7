/** Owns the checking of one place by its proof alone, as `/proof?seq=` answers it: without the list, in a few hashes. */

import { finalOf, Ranks, TICKETS_MAX } from "./draw.ts";
import type { Published } from "./draw-file.ts";
import type { Findings } from "./findings.ts";
import { bytesOfHex, type Hash, hexOf, isSameHash } from "./hash.ts";
import { leafOf } from "./leaf.ts";
import { rootOfPath, sizedRoot } from "./merkle.ts";
import type { MyTicket } from "./my-ticket.ts";

/** More than any tree has levels. */
const PATH_LENGTH_MAX = 64;

export interface PublishedProof {
  readonly published: Published;
  /** Null: of no place. */
  readonly place: { readonly rank: number; readonly path: readonly Hash[] } | null;
}

/** The proof in a JSON text, or what is malformed in it. */
export function readProof(text: string): PublishedProof | string {
  const fields = objectOf(parsed(text));
  if (fields === null) return "is no JSON object";
  const beacon = objectOf(fields.beacon);
  if (beacon === null) return '"beacon" is no object';
  const [seedHash, seed, root, final] = [
    hashIn(fields.seedHash),
    hashIn(fields.seed),
    hashIn(fields.root),
    hashIn(fields.final),
  ];
  if (seedHash === null || seed === null || root === null || final === null)
    return '"seedHash", "seed", "root" and "final" must have 64 hexadecimal digits each';
  const { n } = fields;
  if (!isCount(n)) return '"n" is no number of tickets';
  if (beacon.name !== null && typeof beacon.name !== "string") return '"beacon.name" is neither a text nor null';
  const value = typeof beacon.value === "string" ? bytesOfHex(beacon.value, 1, 64) : null;
  if (value === null && beacon.value !== null) return '"beacon.value" is neither hexadecimal nor null';
  const published = { seedHash, seed, n, root, final, beacon: { name: beacon.name, value } };

  const { rank, path } = fields;
  if (rank === undefined && path === undefined) return { published, place: null };
  if (!isCount(rank)) return '"rank" is no rank';
  if (!Array.isArray(path) || path.length > PATH_LENGTH_MAX) return '"path" is no list of hashes';
  const hashes = path.map(hashIn).filter((hash) => hash !== null);
  if (hashes.length < path.length) return '"path" is no list of hashes of 64 hexadecimal digits';
  return { published, place: { rank, path: hashes } };
}

/** Whether the ticket is in the list whose root is published, and its rank is what the draw makes it. */
export function checkPlace(ticket: MyTicket, { published, place }: PublishedProof, findings: Findings): void {
  const { n, seed, root, beacon } = published;
  if (place === null) {
    findings.add("proofs", "The proof is of no place: ask for one with ?seq= and the number of your ticket.");
    return;
  }
  const { seq, member } = ticket;
  const tree = rootOfPath(leafOf(ticket, seq, member), seq - 1, n, place.path);
  const worked = tree === null ? null : sizedRoot(n, tree);
  if (worked === null || !isSameHash(worked, root))
    findings.add(
      "tickets",
      `Your ticket is not in the list: with it at place ${seq} the root would be ${worked === null ? "none at all" : hexOf(worked)}, and ${hexOf(root)} was published. ` +
        "It was dropped or altered after the freeze, or the proof is of another place.",
    );
  const rank = new Ranks(n, finalOf(seed, root, beacon.value)).rank(seq);
  if (rank !== place.rank)
    findings.add(
      "wrong ranks",
      `Place ${seq} is said to be served as number ${place.rank}, and the draw makes it number ${rank}.`,
    );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function objectOf(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function hashIn(value: unknown): Hash | null {
  return typeof value === "string" ? bytesOfHex(value) : null;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= TICKETS_MAX;
}

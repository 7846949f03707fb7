/** Owns who should own a shard: weighted rendezvous hashing, which every host works out alone and alike, and which moves least when one comes or goes. */

/** A host that may own shards. */
export interface Candidate {
  /** What is hashed: a host that comes back under the same name is given the same shards. */
  readonly hostId: string;
  /** Shares are in proportion; 0 takes none. */
  readonly weight: number;
  readonly incarnation: string;
}

/**
 * The incarnation that should own the shard; null where nobody may. Two starts under one name share that name's part: one of them is
 * about to be gone, or an operator has named two machines alike.
 * Highest of `-weight / ln(hash)` (Schindelhauer and Schomaker, "Weighted Distributed Hash Tables", 2005).
 */
export function desiredOwner(shard: number, candidates: readonly Candidate[]): string | null {
  let best: Candidate | null = null;
  let bestScore = 0;
  for (const candidate of candidates) {
    if (!(candidate.weight > 0)) continue;
    const score = -candidate.weight / Math.log(fraction(shard, candidate.hostId));
    if (best === null || score > bestScore || (score === bestScore && beats(candidate, best, shard))) {
      best = candidate;
      bestScore = score;
    }
  }
  return best?.incarnation ?? null;
}

function beats(one: Candidate, other: Candidate, shard: number): boolean {
  const [a, b] = [fraction(shard, one.incarnation), fraction(shard, other.incarnation)];
  return a === b ? one.incarnation > other.incarnation : a > b;
}

/** In (0, 1), even over shards and names. Every host of every version must get the same. */
function fraction(shard: number, name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (mixed(mixed(hash) ^ Math.imul(shard + 1, 0x9e3779b1)) + 0.5) / 2 ** 32;
}

/** The end of MurmurHash3: each bit of the input changes half of the bits. */
function mixed(hash: number): number {
  let mixing = hash;
  mixing = Math.imul(mixing ^ (mixing >>> 16), 0x85ebca6b);
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2ae35);
  return (mixing ^ (mixing >>> 16)) >>> 0;
}

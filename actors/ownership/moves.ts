/** Owns what a host does about the shards, given who lives and who owns what: pure, and the same on every host. */

import type { ClusterView, LiveHost } from "../shards.ts";
import { desiredOwner } from "./rendezvous.ts";

/** What a host knows beside the view. */
export interface Standing {
  readonly incarnation: string;
  /** Shards that it serves, or is about to serve, or is giving away. */
  readonly held: ReadonlySet<number>;
  /** The newest format of journal entries that it can read. */
  readonly reader: number;
  /** Whether it has been well for so long that who seems gone to it is gone. */
  readonly isSteady: boolean;
  /** Whether a host that lives has been cut off from the bus for so long, while this one had it, that it won't be back at once. */
  readonly isCutOff: (incarnation: string) => boolean;
}

export interface Moves {
  /** Shards to take over. */
  readonly claim: readonly number[];
  /** Shards that are this host's without its serving them: a claim whose answer was lost. By shard, the epoch. */
  readonly adopt: ReadonlyMap<number, number>;
  /** Shards that are this host's, that it doesn't serve, and that another should have. */
  readonly release: readonly number[];
  /** Shards that it serves, and that another live host should have. */
  readonly handOff: readonly number[];
  /** Shards whose owner is gone, and that another live host should have: it may be too young to know. */
  readonly disown: readonly number[];
  /** Shards that nobody has, and that another live host is about to claim. */
  readonly inTheAir: readonly number[];
}

const NOTHING: Moves = { claim: [], adopt: new Map(), release: [], handOff: [], disown: [], inTheAir: [] };

export function movesOf({ hosts, shards }: ClusterView, standing: Standing): Moves {
  const { incarnation, held } = standing;
  const live = new Map(hosts.map((host) => [host.incarnation, host]));
  // Without a lease of its own a host has nothing to decide; without the bus nobody would gain by a move.
  if (live.get(incarnation)?.hasBus !== true) return NOTHING;
  const candidates = hosts.filter(({ hasBus }) => hasBus);
  const able = ableToRead(candidates, hosts, standing);
  const claim: number[] = [];
  const adopt = new Map<number, number>();
  const release: number[] = [];
  const handOff: number[] = [];
  const disown: number[] = [];
  const inTheAir: number[] = [];
  for (const { shard, epoch, owner } of shards) {
    const desired = desiredOwner(shard, able);
    if (owner === incarnation) {
      const isMine = desired === null || desired === incarnation;
      if (held.has(shard)) {
        if (!isMine) handOff.push(shard);
      } else if (isMine) adopt.set(shard, epoch);
      else release.push(shard);
    } else if (desired === incarnation) {
      if (!held.has(shard) && isFree(owner, live, standing)) claim.push(shard);
    } else if (desired !== null) {
      if (owner === null) inTheAir.push(shard);
      else if (isFree(owner, live, standing)) disown.push(shard);
    }
  }
  return { claim, adopt, release, handOff, disown, inTheAir };
}

function isFree(owner: string | null, live: ReadonlyMap<string, LiveHost>, standing: Standing): boolean {
  if (owner === null) return true;
  const host = live.get(owner);
  if (host === undefined) return standing.isSteady;
  // A live host with the bus hands over by itself.
  return !host.hasBus && standing.isCutOff(owner);
}

/**
 * Those that can read what any live host writes. Of another host only what its own entries ask of a reader is known, and it reads as
 * much itself: while an update is under way, shards go to hosts that surely can.
 */
function ableToRead(candidates: readonly LiveHost[], hosts: readonly LiveHost[], standing: Standing): LiveHost[] {
  const needed = Math.max(...hosts.map(({ minReader }) => minReader));
  return candidates.filter(
    ({ incarnation, minReader }) =>
      minReader >= needed || (incarnation === standing.incarnation && standing.reader >= needed),
  );
}

/** Owns the ports to the ownership of shards; guards I1: epochs rise strictly, one owner an epoch. */

/** For each shard that a host owns, the epoch under which it does. */
export type Ownership = ReadonlyMap<number, number>;

/** The ownership of a store that a lock keeps for one server alone. */
export interface ServerShards {
  /** Makes `incarnation` the owner of every shard at once, each under a new epoch, and fences every other host: nobody's lease is waited for. */
  claimAll(incarnation: string, hostId: string, nowMs: number): Promise<Ownership>;

  /** Gives up what the incarnation still owns, so that a successor need not wait. */
  releaseAll(incarnation: string): Promise<void>;
}

/** One start of one host. */
export interface HostStart {
  /** Fresh at each start: a host that was fenced never comes back under the same. */
  readonly incarnation: string;
  /** The operator's name for the machine or process. */
  readonly hostId: string;
  /** Its share of the shards, against the other hosts'. */
  readonly weight: number;
  /** The oldest format of journal entries that its own can be read with. */
  readonly minReader: number;
}

/** A host that is neither fenced nor expired, by the database's clock. */
export interface LiveHost extends HostStart {
  /** Whether it reached the bus at its last beat, and that beat is young. */
  readonly hasBus: boolean;
}

export interface ShardOwner {
  readonly shard: number;
  readonly epoch: number;
  /** An incarnation, live or not; null when the shard was released or never owned. */
  readonly owner: string | null;
}

export interface ClusterView {
  readonly hosts: readonly LiveHost[];
  readonly shards: readonly ShardOwner[];
}

/** A host's lease, in milliseconds by the database's clock: each beat extends it to so much from then. */
export const LEASE_MS = 5_000;

/** The ownership of a store that many hosts share. Every time in it is the database's. */
export interface ClusterShards {
  /** Makes the host known, with a lease. */
  register(host: HostStart, hasBus: boolean): Promise<void>;

  /**
   * Extends the lease, also one that has run out, unless the incarnation was fenced.
   * @returns the database's time in milliseconds; null when the incarnation was fenced or is unknown: it must drop everything
   */
  beat(incarnation: string, hasBus: boolean): Promise<number | null>;

  /** Who lives, and who owns what. */
  view(): Promise<ClusterView>;

  /**
   * Takes over those of the shards whose owner is none, released, expired, or without the bus while `incarnation` has it; all in one
   * committed transaction, which fences each former owner and raises each epoch.
   * @returns those that it got; a shard that is somebody's by now is simply missing
   */
  claim(shards: readonly number[], incarnation: string): Promise<Ownership>;

  /**
   * Makes those of the shards nobody's that {@link claim} would take from somebody, and fences each former owner: whoever should have them
   * need not judge for itself whether that one is gone.
   */
  disown(shards: readonly number[], incarnation: string): Promise<void>;

  /** Gives shards up, each under a new epoch; those that the incarnation does not own any more are left alone. */
  release(shards: readonly number[], incarnation: string): Promise<void>;

  /** The host gives its shards away and should get no others: everybody sees its weight as 0 from now on. */
  withdraw(incarnation: string): Promise<void>;

  /** Forgets the host; only after its last release. */
  leave(incarnation: string): Promise<void>;

  /** The database's time, in milliseconds since the epoch. */
  nowMs(): Promise<number>;
}

/** Owns the port to the ownership of shards; guards I1: epochs rise strictly, one owner an epoch. */

/** For each shard that a host owns, the epoch under which it does. */
export type Ownership = ReadonlyMap<number, number>;

export interface ShardStore {
  /**
   * Makes `incarnation` the owner of every shard at once, each under a new epoch, and fences every other host.
   * Only for a store that a lock keeps for one server alone: nobody's lease is waited for.
   */
  claimAll(incarnation: string, hostId: string, nowMs: number): Promise<Ownership>;

  /** Gives up what the incarnation still owns, so that a successor need not wait. */
  releaseAll(incarnation: string): Promise<void>;
}

/** Owns the port to the truth: a flight is loaded from it, and nothing is answered before it has taken the batch; guards I2, I3, I4, I6. */

import type { JournalEntry } from "./domain/event.ts";
import type { FlightId } from "./domain/ids.ts";
import type { FlightPlan } from "./domain/plan.ts";
import type { CabinSummary, Projection } from "./domain/projection.ts";
import type { Snapshot } from "./domain/snapshot.ts";

/** What one batch does to one flight. */
export interface FlightChange {
  readonly entry: JournalEntry;
  readonly projection: Projection;
  readonly logicalMs: number;
  readonly nextDeadlineMs: number | null;
  readonly cabins: readonly CabinSummary[];
}

export interface FlightWrite {
  readonly flightId: FlightId;
  readonly shard: number;
  /** The version that everything in this write was decided on; the change makes it `base + 1`. */
  readonly base: number;
  /** null when the turns only read or were refused: then the fence and the version are checked, and nothing is written. */
  readonly change: FlightChange | null;
}

export interface Fence {
  readonly shard: number;
  readonly epoch: number;
}

/** One transaction's content. Immutable once it is made: a retry sends the same (I6). */
export interface Batch {
  readonly id: string;
  /** The incarnation that must still own every shard of `fences`. */
  readonly owner: string;
  /** In rising order of shard. */
  readonly fences: readonly Fence[];
  /** In rising order of flight id. */
  readonly flights: readonly FlightWrite[];
}

export type CommitOutcome =
  | { readonly kind: "committed" }
  /** Definitely nothing was written, and the same batch may be sent again: a deadlock, a lock wait, a busy database. */
  | { readonly kind: "passing"; readonly cause: unknown }
  /** It may have been written: send it again with `isRepeat`. */
  | { readonly kind: "unknown"; readonly cause: unknown }
  /** Nothing was written: these flights are another's by now, or further than the batch was based on. */
  | { readonly kind: "lost"; readonly flights: readonly FlightId[] }
  /** Nothing was written: these flights are this owner's, and the database has less of them than it had: acknowledged commits are gone from it. */
  | { readonly kind: "rewound"; readonly flights: readonly FlightId[] }
  /** Nothing was written: a projection's constraint contradicts the batch, which is our bug. */
  | { readonly kind: "violated"; readonly cause: unknown };

export interface TailEntry {
  readonly version: number;
  readonly entry: JournalEntry;
}

export interface LoadedFlight {
  readonly plan: FlightPlan;
  readonly snapshot: Snapshot | null;
  /** Every entry after the snapshot, with no gap. */
  readonly tail: readonly TailEntry[];
  /** Entries up to the snapshot that may still hold living refusals, oldest first. */
  readonly recent: readonly TailEntry[];
}

export interface Journal {
  /**
   * Reads a flight as committed, in one consistent view that begins after the call; null if the catalogue has no such flight.
   * @param refusalsSinceMs refusals recorded since then are still alive
   */
  load(flightId: FlightId, refusalsSinceMs: number): Promise<LoadedFlight | null>;

  /**
   * Runs the batch as one durable transaction: fences, versions, then all rows. Never throws for what an outcome can say.
   * @param isRepeat an earlier try's outcome is unknown: look for the batch first, before any fence
   */
  commit(batch: Batch, isRepeat: boolean): Promise<CommitOutcome>;

  /** Does what a commit does, but for its locks and rows. Missing where the first commit takes no longer than others. */
  rehearse?(batch: Batch): Promise<void>;

  /** Keeps a snapshot of committed state, under the fence and only over an older one. False if it was not kept. */
  saveSnapshot(flightId: FlightId, fence: Fence, owner: string, snapshot: Snapshot): Promise<boolean>;

  /** For each flight of the shards in which something is held, when the earliest hold ends. */
  deadlines(shards: readonly number[]): Promise<readonly { readonly flightId: FlightId; readonly atMs: number }[]>;
}

/** Owns the port to what operators see of the system's own tables. */

import type { TurnRecord } from "../../actors/domain/event.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { Page, PageRequest } from "../plugins/paging.ts";

/** One row of a flight's journal: what one batch did to it. */
export interface StoredEntry {
  readonly version: number;
  readonly batch: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly schema: number;
  readonly turns: readonly TurnRecord[];
}

export interface StoredHost {
  /** Fresh at each start. */
  readonly incarnation: string;
  readonly hostId: string;
  readonly weight: number;
  /** When its lease ends, by the database's clock, in milliseconds since the epoch; far beyond any date where a lock stands for the lease. */
  readonly expiresAtMs: number;
  /** When it last saw the bus answer; milliseconds since the epoch. */
  readonly busOkAtMs: number;
  readonly isFenced: boolean;
  /** The oldest schema of the journal that it can work with. */
  readonly minReader: number;
  /** How many shards it owns. */
  readonly shards: number;
}

export interface StoredShard {
  readonly shard: number;
  /** Rises with each owner. */
  readonly epoch: number;
  /** The incarnation of its host; null while nobody owns it. */
  readonly owner: string | null;
}

export interface AdminReader {
  /** Up to `size` entries with a version above `after`, in order of version; null if there is no such flight. */
  journal(flightId: FlightId, after: number, size: number): Promise<readonly StoredEntry[] | null>;

  /** The longest-living leases first. */
  hosts(request: PageRequest): Promise<Page<StoredHost>>;

  /** All of them, in order. */
  shards(): Promise<readonly StoredShard[]>;
}

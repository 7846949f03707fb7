/** Owns the journal on MySQL; guards I2, I3 and I6 by the transaction of `commitBatch`, on a connection of its own. */

import { type Kysely, sql } from "kysely";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { Snapshot } from "../../actors/domain/snapshot.ts";
import type { Batch, CommitOutcome, Fence, Journal, LoadedFlight } from "../../actors/journal.ts";
import { type AtOnce, commitBatch, rehearseCommit } from "../mysql/commit.ts";
import type { DedicatedConnection } from "../mysql/dedicated.ts";
import type { OpenMysql } from "../open.ts";
import type { Database } from "../schema.ts";
import { deadlines } from "./deadlines.ts";
import { FlightLoader } from "./flight-loader.ts";

export interface MysqlJournalOptions {
  /** Whether a small batch is committed in one round trip, where the server can. @default true */
  readonly commitsAtOnce?: boolean;
}

export class MysqlJournal implements Journal {
  readonly #lane: DedicatedConnection;
  readonly #atOnce: AtOnce;
  readonly #read: Kysely<Database>;
  readonly #write: Kysely<Database>;
  readonly #loader: FlightLoader;

  /** Opens a connection for the commits, which the database closes when it is closed. One journal commits one batch at a time. */
  constructor(db: OpenMysql, { commitsAtOnce = true }: MysqlJournalOptions = {}) {
    this.#lane = db.dedicated();
    this.#atOnce = { isOn: commitsAtOnce, inVain: 0 };
    this.#read = db.read;
    this.#write = db.write;
    this.#loader = new FlightLoader(db.read);
  }

  load(flightId: FlightId, refusalsSinceMs: number): Promise<LoadedFlight | null> {
    return this.#loader.load(flightId, refusalsSinceMs);
  }

  async commit(batch: Batch, isRepeat: boolean): Promise<CommitOutcome> {
    try {
      return await commitBatch(this.#lane, batch, isRepeat, this.#atOnce);
    } catch (cause) {
      // Nothing was sent: the connection could not be opened.
      return { kind: "passing", cause };
    }
  }

  async rehearse(batch: Batch): Promise<void> {
    await rehearseCommit(this.#lane, batch);
  }

  /**
   * One statement, so that nobody ever waits for what a paused process has locked. The fence is held while it runs; a snapshot that is
   * there and as new lets no row through.
   */
  async saveSnapshot(flightId: FlightId, fence: Fence, owner: string, snapshot: Snapshot): Promise<boolean> {
    const { version } = snapshot;
    const { numAffectedRows } = await sql`
      insert into snapshot (flight_id, version, state)
      select ${flightId}, ${version}, ${JSON.stringify(snapshot)} from shards
      where shard = ${fence.shard} and epoch = ${fence.epoch} and owner = ${owner}
        and not exists (select 1 from snapshot as kept where kept.flight_id = ${flightId} and kept.version >= ${version})
      lock in share mode
      on duplicate key update state = values(state), version = values(version)`.execute(this.#write);
    return (numAffectedRows ?? 0n) > 0n;
  }

  deadlines(shards: readonly number[]): Promise<readonly { readonly flightId: FlightId; readonly atMs: number }[]> {
    return deadlines(this.#read, shards);
  }
}

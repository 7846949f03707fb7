/** Owns the journal on SQLite; guards I2, I3 and I6 by the transaction of `BatchWriter`. */

import type { Kysely } from "kysely";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { Snapshot } from "../../actors/domain/snapshot.ts";
import type { Batch, CommitOutcome, Fence, Journal, LoadedFlight } from "../../actors/journal.ts";
import type { Database } from "../schema.ts";
import { batchCells } from "../sqlite/batch-cells.ts";
import type { SqliteWriter } from "../sqlite/writer.ts";
import { deadlines } from "./deadlines.ts";
import { FlightLoader } from "./flight-loader.ts";

export class SqliteJournal implements Journal {
  readonly #writer: SqliteWriter;
  readonly #read: Kysely<Database>;
  readonly #write: Kysely<Database>;
  readonly #loader: FlightLoader;

  constructor(writer: SqliteWriter, read: Kysely<Database>, write: Kysely<Database>) {
    this.#writer = writer;
    this.#read = read;
    this.#write = write;
    this.#loader = new FlightLoader(read);
  }

  load(flightId: FlightId, refusalsSinceMs: number): Promise<LoadedFlight | null> {
    return this.#loader.load(flightId, refusalsSinceMs);
  }

  commit(batch: Batch, isRepeat: boolean): Promise<CommitOutcome> {
    return this.#writer.commit(batchCells(batch), isRepeat);
  }

  saveSnapshot(flightId: FlightId, fence: Fence, owner: string, snapshot: Snapshot): Promise<boolean> {
    return saveSnapshot(this.#write, flightId, fence, owner, snapshot);
  }

  deadlines(shards: readonly number[]): Promise<readonly { readonly flightId: FlightId; readonly atMs: number }[]> {
    return deadlines(this.#read, shards);
  }
}

function saveSnapshot(
  write: Kysely<Database>,
  flightId: FlightId,
  fence: Fence,
  owner: string,
  snapshot: Snapshot,
): Promise<boolean> {
  return write.transaction().execute(async (transaction) => {
    const owned = await transaction
      .selectFrom("shards")
      .select("shard")
      .where("shard", "=", fence.shard)
      .where("epoch", "=", fence.epoch)
      .where("owner", "=", owner)
      .executeTakeFirst();
    if (owned === undefined) return false;
    const kept = await transaction
      .selectFrom("snapshot")
      .select("version")
      .where("flight_id", "=", flightId)
      .executeTakeFirst();
    if (kept !== undefined && Number(kept.version) >= snapshot.version) return false;
    const values = { version: snapshot.version, state: JSON.stringify(snapshot) };
    if (kept === undefined)
      await transaction
        .insertInto("snapshot")
        .values({ flight_id: flightId, ...values })
        .execute();
    else await transaction.updateTable("snapshot").set(values).where("flight_id", "=", flightId).execute();
    return true;
  });
}

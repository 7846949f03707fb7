/** Owns who owns the shards of a SQLite file: the one server that holds its lock; guards I1. */

import type { Kysely } from "kysely";
import { MIN_READER } from "../../actors/domain/event.ts";
import type { ServerShards } from "../../actors/shards.ts";
import type { Database } from "../schema.ts";

export function sqliteShards(write: Kysely<Database>): ServerShards {
  return {
    claimAll: (incarnation, hostId, nowMs) =>
      write.transaction().execute(async (transaction) => {
        await transaction.deleteFrom("hosts").execute();
        const host = {
          incarnation,
          host_id: hostId,
          weight: 1,
          // The lock says who lives, not a lease.
          expires_at: Number.MAX_SAFE_INTEGER,
          bus_ok_at: nowMs,
          fenced: 0,
          min_reader: MIN_READER,
        };
        await transaction.insertInto("hosts").values(host).execute();
        await transaction
          .updateTable("shards")
          .set(({ eb }) => ({ epoch: eb("epoch", "+", 1), owner: incarnation }))
          .execute();
        const shards = await transaction.selectFrom("shards").select(["shard", "epoch"]).execute();
        return new Map(shards.map(({ shard, epoch }) => [shard, Number(epoch)]));
      }),
    async releaseAll(incarnation) {
      await write
        .updateTable("shards")
        .set(({ eb }) => ({ epoch: eb("epoch", "+", 1), owner: null }))
        .where("owner", "=", incarnation)
        .execute();
    },
  };
}

/** Owns the reading of when holds end, for a host that begins to watch over flights that it has not loaded. */

import type { Kysely } from "kysely";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { Database } from "../schema.ts";

/** For each flight of the shards in which something is held, when the earliest hold ends. */
export async function deadlines(
  read: Kysely<Database>,
  shards: readonly number[],
): Promise<{ readonly flightId: FlightId; readonly atMs: number }[]> {
  if (shards.length === 0) return [];
  const heads = await read
    .selectFrom("flight_head")
    .select(["flight_id", "next_deadline_ms"])
    .where("shard", "in", shards)
    .where("next_deadline_ms", "is not", null)
    .execute();
  return heads.map(({ flight_id, next_deadline_ms }) => ({ flightId: flight_id, atMs: Number(next_deadline_ms) }));
}

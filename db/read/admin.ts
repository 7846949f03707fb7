/** Owns the reading of what operators see: journals, hosts, and who owns how many shards. */

import type { Kysely } from "kysely";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { AdminReader, StoredEntry, StoredHost, StoredShard } from "../../http/admin/admin-reader.ts";
import type { Page, PageRequest } from "../../http/plugins/paging.ts";
import type { Database } from "../schema.ts";
import { readTurns } from "../turns-text.ts";

export class SqlAdminReader implements AdminReader {
  readonly #db: Kysely<Database>;

  /** @param db a handle that only reads, outside the commit lane */
  constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  async journal(flightId: FlightId, after: number, size: number): Promise<readonly StoredEntry[] | null> {
    const rows = await this.#db
      .selectFrom("journal")
      .selectAll()
      .where("flight_id", "=", flightId)
      .where("version", ">", after)
      .orderBy("version")
      .limit(size)
      .execute();
    if (rows.length === 0 && !(await this.#isFlight(flightId))) return null;
    return rows.map((row) => ({
      version: Number(row.version),
      batch: row.batch,
      atMs: Number(row.at_ms),
      schema: row.schema_version,
      turns: readTurns(flightId, row.turns),
    }));
  }

  async hosts({ page, size }: PageRequest): Promise<Page<StoredHost>> {
    const { total } = await this.#db
      .selectFrom("hosts")
      .select((e) => e.fn.countAll<number>().as("total"))
      .executeTakeFirstOrThrow();
    const rows = await this.#db
      .selectFrom("hosts")
      .leftJoin("shards", "shards.owner", "hosts.incarnation")
      .select((e) => [
        "hosts.incarnation",
        "hosts.host_id",
        "hosts.weight",
        "hosts.expires_at",
        "hosts.bus_ok_at",
        "hosts.fenced",
        "hosts.min_reader",
        e.fn.count<number>("shards.shard").as("shards"),
      ])
      .groupBy("hosts.incarnation")
      .orderBy("hosts.expires_at", "desc")
      .orderBy("hosts.incarnation")
      .limit(size)
      .offset((page - 1) * size)
      .execute();
    const items = rows.map((row) => ({
      incarnation: row.incarnation,
      hostId: row.host_id,
      weight: row.weight,
      expiresAtMs: Number(row.expires_at),
      busOkAtMs: Number(row.bus_ok_at),
      isFenced: row.fenced !== 0,
      minReader: row.min_reader,
      shards: Number(row.shards),
    }));
    return { items, total: Number(total) };
  }

  async shards(): Promise<readonly StoredShard[]> {
    const rows = await this.#db.selectFrom("shards").selectAll().orderBy("shard").execute();
    return rows.map(({ shard, epoch, owner }) => ({ shard, epoch: Number(epoch), owner }));
  }

  async #isFlight(flightId: FlightId): Promise<boolean> {
    const row = await this.#db.selectFrom("flight").select("id").where("id", "=", flightId).executeTakeFirst();
    return row !== undefined;
  }
}

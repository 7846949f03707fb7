/** Owns the tables of waiting rooms: what they are set to and how far they have come, the passes that were handed out, and the lines that were frozen. */

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { byteOrder, clustered, type DialectName, LONG_TEXT } from "./dialect.ts";

export const rooms = (dialect: DialectName): Migration => ({
  async up(db: Kysely<never>): Promise<void> {
    const { schema } = db;
    const inKeyOrder = clustered(dialect);

    await schema
      .createTable("room_state")
      .addColumn("flight_id", "varchar(48)", (c) => c.primaryKey().notNull())
      .addColumn("epoch", "bigint", (c) => c.notNull())
      .addColumn("mode", "varchar(16)", (c) => c.notNull())
      .addColumn("opens_at_ms", "bigint", (c) => c.notNull())
      .addColumn("settings", "varchar(512)", (c) => c.notNull())
      .addColumn("seed", "varchar(64)", (c) => c.notNull())
      .addColumn("beacon_name", "varchar(512)")
      .addColumn("beacon_value", "varchar(128)")
      .addColumn("frozen_n", "bigint")
      .addColumn("frozen_root", "varchar(64)")
      .addColumn("block_roots", LONG_TEXT)
      .addColumn("drawn_at_ms", "bigint")
      .addColumn("admitted", "bigint", (c) => c.notNull())
      .addColumn("seq_high", "bigint", (c) => c.notNull())
      .addColumn("seq_ceiling", "bigint", (c) => c.notNull())
      .addColumn("noted_at_ms", "bigint", (c) => c.notNull())
      .addColumn("changed_at_ms", "bigint", (c) => c.notNull())
      .modifyEnd(inKeyOrder)
      .execute();
    await schema.createIndex("room_state_by_change").on("room_state").column("changed_at_ms").execute();

    await schema
      .createTable("room_pass")
      .addColumn("flight_id", "varchar(48)", (c) => c.notNull())
      .addColumn("epoch", "bigint", (c) => c.notNull())
      .addColumn("member_id", "varchar(36)", (c) => c.notNull())
      .addColumn("seq", "bigint", (c) => c.notNull())
      .addColumn("issued_at_ms", "bigint", (c) => c.notNull())
      .addColumn("expires_at_ms", "bigint", (c) => c.notNull())
      .addColumn("ended_at_ms", "bigint")
      .addPrimaryKeyConstraint("room_pass_key", ["flight_id", "epoch", "member_id"])
      .modifyEnd(inKeyOrder)
      .execute();

    await schema
      .createTable("room_leaves")
      .addColumn("flight_id", "varchar(48)", (c) => c.notNull())
      .addColumn("epoch", "bigint", (c) => c.notNull())
      .addColumn("block", "integer", (c) => c.notNull())
      .addColumn("leaves", LONG_TEXT, (c) => c.notNull())
      .addPrimaryKeyConstraint("room_leaves_key", ["flight_id", "epoch", "block"])
      .modifyEnd(byteOrder(dialect))
      .execute();
  },
});

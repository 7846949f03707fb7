/** Owns the first tables of the sale: ownership, catalogue, journal, and the projections in the same transaction. */

import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { SHARDS } from "../../actors/domain/ids.ts";
import { byteOrder, clustered, type DialectName, LONG_TEXT } from "./dialect.ts";

export const sales = (dialect: DialectName): Migration => ({
  async up(db: Kysely<never>): Promise<void> {
    const { schema } = db;
    const inKeyOrder = clustered(dialect);
    const large = byteOrder(dialect);

    await schema
      .createTable("hosts")
      .addColumn("incarnation", "varchar(36)", (c) => c.primaryKey().notNull())
      .addColumn("host_id", "varchar(64)", (c) => c.notNull())
      .addColumn("weight", "integer", (c) => c.notNull())
      .addColumn("expires_at", "bigint", (c) => c.notNull())
      .addColumn("bus_ok_at", "bigint", (c) => c.notNull())
      .addColumn("fenced", "integer", (c) => c.notNull())
      .addColumn("min_reader", "integer", (c) => c.notNull())
      .modifyEnd(inKeyOrder)
      .execute();
    await schema
      .createTable("shards")
      .addColumn("shard", "integer", (c) => c.primaryKey().notNull())
      .addColumn("epoch", "bigint", (c) => c.notNull())
      .addColumn("owner", "varchar(36)")
      .modifyEnd(inKeyOrder)
      .execute();
    const shards = Array.from({ length: SHARDS }, (_, shard) => ({ shard, epoch: 0, owner: null }));
    await (db as unknown as Kysely<{ shards: { shard: number; epoch: number; owner: null } }>)
      .insertInto("shards")
      .values(shards)
      .execute();

    await schema
      .createTable("seat_plan")
      .addColumn("id", "varchar(64)", (c) => c.primaryKey().notNull())
      .addColumn("seats", LONG_TEXT, (c) => c.notNull())
      .modifyEnd(large)
      .execute();
    await schema
      .createTable("flight")
      .addColumn("id", "varchar(48)", (c) => c.primaryKey().notNull())
      .addColumn("airline", "varchar(3)", (c) => c.notNull())
      .addColumn("number", "varchar(8)", (c) => c.notNull())
      .addColumn("origin", "varchar(3)", (c) => c.notNull())
      .addColumn("destination", "varchar(3)", (c) => c.notNull())
      .addColumn("departs_at_ms", "bigint", (c) => c.notNull())
      .addColumn("arrives_at_ms", "bigint", (c) => c.notNull())
      .addColumn("departs_local", "varchar(32)", (c) => c.notNull())
      .addColumn("arrives_local", "varchar(32)", (c) => c.notNull())
      .addColumn("departs_on", "varchar(10)", (c) => c.notNull())
      .addColumn("aircraft", "varchar(3)", (c) => c.notNull())
      .addColumn("seat_plan", "varchar(64)", (c) => c.notNull())
      .addColumn("lowest_fare", "bigint", (c) => c.notNull())
      .addColumn("currency", "varchar(3)", (c) => c.notNull())
      .modifyEnd(inKeyOrder)
      .execute();
    await schema.createIndex("flight_by_route").on("flight").columns(["origin", "destination", "departs_on"]).execute();
    await schema.createIndex("flight_by_day").on("flight").columns(["departs_on", "departs_at_ms"]).execute();
    await schema
      .createTable("fare")
      .addColumn("flight_id", "varchar(48)", (c) => c.notNull())
      .addColumn("cabin", "varchar(1)", (c) => c.notNull())
      .addColumn("amount", "bigint", (c) => c.notNull())
      .addPrimaryKeyConstraint("fare_key", ["flight_id", "cabin"])
      .modifyEnd(inKeyOrder)
      .execute();

    await schema
      .createTable("flight_head")
      .addColumn("flight_id", "varchar(48)", (c) => c.primaryKey().notNull())
      .addColumn("shard", "integer", (c) => c.notNull())
      .addColumn("version", "bigint", (c) => c.notNull())
      .addColumn("last_batch", "varchar(36)")
      .addColumn("logical_ms", "bigint", (c) => c.notNull())
      .addColumn("next_deadline_ms", "bigint")
      .addColumn("cabins", LONG_TEXT, (c) => c.notNull())
      .modifyEnd(inKeyOrder)
      .execute();
    await schema
      .createIndex("flight_head_by_deadline")
      .on("flight_head")
      .columns(["shard", "next_deadline_ms"])
      .execute();
    await schema
      .createTable("journal")
      .addColumn("flight_id", "varchar(48)", (c) => c.notNull())
      .addColumn("version", "bigint", (c) => c.notNull())
      .addColumn("batch", "varchar(36)", (c) => c.notNull())
      .addColumn("at_ms", "bigint", (c) => c.notNull())
      .addColumn("schema_version", "integer", (c) => c.notNull())
      .addColumn("turns", LONG_TEXT, (c) => c.notNull())
      .addPrimaryKeyConstraint("journal_key", ["flight_id", "version"])
      .modifyEnd(large)
      .execute();
    await schema
      .createTable("snapshot")
      .addColumn("flight_id", "varchar(48)", (c) => c.primaryKey().notNull())
      .addColumn("version", "bigint", (c) => c.notNull())
      .addColumn("state", LONG_TEXT, (c) => c.notNull())
      .modifyEnd(large)
      .execute();
    await schema
      .createTable("cursor")
      .addColumn("consumer", "varchar(32)", (c) => c.notNull())
      .addColumn("flight_id", "varchar(48)", (c) => c.notNull())
      .addColumn("version", "bigint", (c) => c.notNull())
      .addPrimaryKeyConstraint("cursor_key", ["consumer", "flight_id"])
      .modifyEnd(inKeyOrder)
      .execute();

    await schema
      .createTable("reservation")
      .addColumn("id", "varchar(36)", (c) => c.primaryKey().notNull())
      .addColumn("flight_id", "varchar(48)", (c) => c.notNull())
      .addColumn("member_id", "varchar(36)", (c) => c.notNull())
      .addColumn("pnr", "varchar(6)", (c) => c.notNull())
      .addColumn("status", "varchar(16)", (c) => c.notNull())
      .addColumn("passengers", LONG_TEXT, (c) => c.notNull())
      .addColumn("total_amount", "bigint", (c) => c.notNull())
      .addColumn("currency", "varchar(3)", (c) => c.notNull())
      .addColumn("created_at_ms", "bigint", (c) => c.notNull())
      .addColumn("expires_at_ms", "bigint", (c) => c.notNull())
      .modifyEnd(inKeyOrder)
      .execute();
    await membersReservations(db, dialect);
    await schema
      .createTable("seat_claim")
      .addColumn("flight_id", "varchar(48)", (c) => c.notNull())
      .addColumn("seat", "varchar(4)", (c) => c.notNull())
      .addColumn("reservation_id", "varchar(36)", (c) => c.notNull())
      .addPrimaryKeyConstraint("seat_claim_key", ["flight_id", "seat"])
      .modifyEnd(inKeyOrder)
      .execute();
    await schema
      .createTable("passenger")
      .addColumn("reservation_id", "varchar(36)", (c) => c.notNull())
      .addColumn("ordinal", "integer", (c) => c.notNull())
      .addColumn("name", "varchar(100)", (c) => c.notNull())
      .addColumn("birth_date", "varchar(10)")
      .addPrimaryKeyConstraint("passenger_key", ["reservation_id", "ordinal"])
      .modifyEnd(inKeyOrder)
      .execute();
    await schema
      .createTable("payment")
      .addColumn("id", "varchar(36)", (c) => c.primaryKey().notNull())
      .addColumn("reservation_id", "varchar(36)", (c) => c.notNull())
      .addColumn("flight_id", "varchar(48)", (c) => c.notNull())
      .addColumn("status", "varchar(16)", (c) => c.notNull())
      .addColumn("amount", "bigint", (c) => c.notNull())
      .addColumn("currency", "varchar(3)", (c) => c.notNull())
      .addColumn("captured_amount", "bigint")
      .addColumn("captured_currency", "varchar(3)")
      .addColumn("refund_reason", "varchar(32)")
      .addColumn("checkout_url", "varchar(1024)")
      .addColumn("expires_at_ms", "bigint", (c) => c.notNull())
      .addColumn("next_look_ms", "bigint")
      .addColumn("looks", "integer", (c) => c.notNull().defaultTo(0))
      .modifyEnd(inKeyOrder)
      .execute();
    await schema.createIndex("payment_by_look").on("payment").column("next_look_ms").execute();
    await schema.createIndex("payment_by_reservation").on("payment").column("reservation_id").execute();
    await schema
      .createTable("ticket")
      .addColumn("reservation_id", "varchar(36)", (c) => c.notNull())
      .addColumn("ordinal", "integer", (c) => c.notNull())
      .addColumn("number", "varchar(13)", (c) => c.notNull())
      .addColumn("status", "varchar(16)", (c) => c.notNull())
      .addPrimaryKeyConstraint("ticket_key", ["reservation_id", "ordinal"])
      .modifyEnd(inKeyOrder)
      .execute();
    await schema.createIndex("ticket_by_number").on("ticket").column("number").execute();
    await schema
      .createTable("number_block")
      .addColumn("kind", "varchar(16)", (c) => c.primaryKey().notNull())
      .addColumn("next_number", "bigint", (c) => c.notNull())
      .modifyEnd(inKeyOrder)
      .execute();
  },
});

/** What finds a member's reservations. InnoDB changes a scattered index cheaply; SQLite does not, see `db/sqlite/member-index.ts`. */
async function membersReservations(db: Kysely<never>, dialect: DialectName): Promise<void> {
  if (dialect === "mysql") {
    await db.schema.createIndex("reservation_by_member").on("reservation").columns(["member_id", "id"]).execute();
    await sql`create view reservation_of_member as select member_id, id as reservation_id from reservation`.execute(db);
    return;
  }
  await sql`create table reservation_by_member (member_id text not null, reservation_id text not null,
    primary key (member_id, reservation_id)) without rowid`.execute(db);
  await sql`create table member_index_state (indexed_to text not null)`.execute(db);
  await sql`insert into member_index_state values ('')`.execute(db);
  await sql`create view reservation_of_member as
    select member_id, reservation_id from reservation_by_member
    union select member_id, id from reservation where id > (select indexed_to from member_index_state)`.execute(db);
}

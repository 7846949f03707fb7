/** Owns the tables of accounts: members, and the sessions that their log-ins begin. */

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { clustered, type DialectName } from "./dialect.ts";

export const accounts = (dialect: DialectName): Migration => ({
  async up(db: Kysely<never>): Promise<void> {
    const { schema } = db;
    const inKeyOrder = clustered(dialect);

    await schema
      .createTable("member")
      .addColumn("id", "varchar(36)", (c) => c.primaryKey().notNull())
      .addColumn("email", "varchar(254)", (c) => c.notNull())
      .addColumn("password_hash", "varchar(255)", (c) => c.notNull())
      .addColumn("name", "varchar(100)", (c) => c.notNull())
      .addColumn("phone", "varchar(32)")
      .addColumn("role", "varchar(16)", (c) => c.notNull())
      .addColumn("created_at_ms", "bigint", (c) => c.notNull())
      .modifyEnd(inKeyOrder)
      .execute();
    await schema.createIndex("member_by_email").unique().on("member").column("email").execute();

    await schema
      .createTable("session")
      .addColumn("id", "varchar(36)", (c) => c.primaryKey().notNull())
      .addColumn("member_id", "varchar(36)", (c) => c.notNull())
      .addColumn("created_at_ms", "bigint", (c) => c.notNull())
      .addColumn("family_hash", "varchar(43)", (c) => c.notNull())
      .addColumn("generation", "bigint", (c) => c.notNull())
      .addColumn("secret_hash", "varchar(43)", (c) => c.notNull())
      .addColumn("previous_hash", "varchar(43)")
      .addColumn("salt", "varchar(22)")
      .addColumn("rotated_at_ms", "bigint", (c) => c.notNull())
      .addColumn("expires_at_ms", "bigint", (c) => c.notNull())
      .addColumn("revoked_at_ms", "bigint")
      .modifyEnd(inKeyOrder)
      .execute();
    await schema.createIndex("session_by_member").on("session").columns(["member_id", "id"]).execute();
    await schema.createIndex("session_by_expiry").on("session").column("expires_at_ms").execute();
    await schema.createIndex("session_by_revocation").on("session").column("revoked_at_ms").execute();
  },
});

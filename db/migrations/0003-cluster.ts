/** Owns what many processes on one database need: which format of journal a shard's next owner must read, shared secrets, and the first number of each kind. */

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { Database } from "../schema.ts";
import { clustered, type DialectName } from "./dialect.ts";

export const cluster = (dialect: DialectName): Migration => ({
  async up(db: Kysely<never>): Promise<void> {
    const { schema } = db;
    await schema
      .alterTable("shards")
      .addColumn("min_reader", "integer", (c) => c.notNull().defaultTo(0))
      .execute();
    await schema
      .createTable("secret")
      .addColumn("name", "varchar(32)", (c) => c.primaryKey().notNull())
      .addColumn("fingerprint", "varchar(64)", (c) => c.notNull())
      .addColumn("value", "text")
      .modifyEnd(clustered(dialect))
      .execute();
    // Made here and not when first leased, which several hosts may do at once.
    const tables = db as unknown as Kysely<Database>;
    for (const kind of ["pnr", "ticket"]) {
      const known = await tables.selectFrom("number_block").select("kind").where("kind", "=", kind).executeTakeFirst();
      if (known === undefined) await tables.insertInto("number_block").values({ kind, next_number: 0 }).execute();
    }
  },
});

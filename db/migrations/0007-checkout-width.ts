/** Owns the width of a checkout's address: a provider's may be longer than what there was room for at first. */

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { DialectName } from "./dialect.ts";

/** SQLite keeps what it is given. */
export const checkoutWidth = (dialect: DialectName): Migration => ({
  async up(db: Kysely<never>): Promise<void> {
    if (dialect === "mysql")
      await db.schema.alterTable("payment").modifyColumn("checkout_url", "varchar(2048)").execute();
  },
});

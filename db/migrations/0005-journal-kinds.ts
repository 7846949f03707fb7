/** Owns the column by which who follows the journals finds what concerns him. */

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { ANY_KIND } from "../../actors/domain/event-kinds.ts";

export const journalKinds = (): Migration => ({
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .alterTable("journal")
      .addColumn("kinds", "integer", (c) => c.notNull().defaultTo(ANY_KIND))
      .execute();
  },
});

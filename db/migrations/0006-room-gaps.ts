/** Owns the column by which a room that is lost for a second time still knows which places the first loss has skipped. */

import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { LONG_TEXT } from "./dialect.ts";

export const roomGaps = (): Migration => ({
  async up(db: Kysely<never>): Promise<void> {
    await db.schema.alterTable("room_state").addColumn("gaps", LONG_TEXT).execute();
  },
});

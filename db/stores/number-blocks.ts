/** Owns the leasing of number blocks: a block is gone once it is leased, whether its numbers are used or not. */

import type { Kysely } from "kysely";
import type { NumberBlocks } from "../../actors/numbers.ts";
import type { Database } from "../schema.ts";

export function numberBlocks(write: Kysely<Database>): NumberBlocks {
  return {
    lease: (kind, size) =>
      write.transaction().execute(async (transaction) => {
        const next = await transaction
          .updateTable("number_block")
          .set(({ eb }) => ({ next_number: eb("next_number", "+", size) }))
          .where("kind", "=", kind)
          .executeTakeFirstOrThrow();
        if (next.numUpdatedRows === 0n) {
          await transaction.insertInto("number_block").values({ kind, next_number: size }).execute();
          return 0;
        }
        const { next_number } = await transaction
          .selectFrom("number_block")
          .select("next_number")
          .where("kind", "=", kind)
          .executeTakeFirstOrThrow();
        return Number(next_number) - size;
      }),
  };
}

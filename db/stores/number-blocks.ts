/** Owns the leasing of number blocks: a block is gone once it is leased, whether its numbers are used or not. */

import type { Kysely } from "kysely";
import { OperationalError } from "../../actors/errors.ts";
import type { NumberBlocks } from "../../actors/numbers.ts";
import type { Database } from "../schema.ts";

/** Each lost try is another host's block, and hosts are few. */
const TRIES_MAX = 100;

/** No transaction: a process that is paused in the midst of it keeps nobody from leasing. */
export function numberBlocks(write: Kysely<Database>): NumberBlocks {
  return {
    async lease(kind, size) {
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        const { next_number } = await write
          .selectFrom("number_block")
          .select("next_number")
          .where("kind", "=", kind)
          .executeTakeFirstOrThrow();
        const first = Number(next_number);
        const { numUpdatedRows } = await write
          .updateTable("number_block")
          .set({ next_number: first + size })
          .where("kind", "=", kind)
          .where("next_number", "=", first)
          .executeTakeFirstOrThrow();
        if (numUpdatedRows === 1n) return first;
      }
      throw new OperationalError("UNAVAILABLE", "Too many hosts lease numbers at once.");
    },
  };
}

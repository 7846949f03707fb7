/** Owns what differs between the databases when a table is made. */

import { type RawBuilder, sql } from "kysely";

export type DialectName = "sqlite" | "mysql";

/** Ends a `create table`: rows stored in the order of their key, and names compared byte by byte. */
export function clustered(dialect: DialectName): RawBuilder<unknown> {
  return dialect === "sqlite" ? sql`without rowid` : byteOrder(dialect);
}

/** Ends a `create table` whose rows are too large to live in their key's tree. */
export function byteOrder(dialect: DialectName): RawBuilder<unknown> {
  return dialect === "sqlite" ? sql`` : sql`engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin`;
}

/** JSON of any size. */
export const LONG_TEXT = sql`longtext`;

/** Owns the opening of the database: its schema brought up to date, one connection that writes and one that reads. */

import { Kysely, SqliteDialect } from "kysely";
import { migrate } from "./migrations/migrate.ts";
import type { Database } from "./schema.ts";
import { kyselyAdapter } from "./sqlite/adapter.ts";
import { openReader } from "./sqlite/connection.ts";
import { SqliteWriter } from "./sqlite/writer.ts";
import { writerDialect } from "./sqlite/writer-dialect.ts";

export interface OpenDatabase {
  /** Sees what is committed; answers within the turn of the loop. */
  readonly read: Kysely<Database>;
  /** Everything that is written outside the lane. */
  readonly write: Kysely<Database>;
  readonly writer: SqliteWriter;
  close(): Promise<void>;
}

export async function openSqlite(file: string): Promise<OpenDatabase> {
  const writer = new SqliteWriter(file);
  const write = new Kysely<Database>({ dialect: writerDialect(writer) });
  await migrate(write, "sqlite");
  const read = new Kysely<Database>({ dialect: new SqliteDialect({ database: kyselyAdapter(openReader(file)) }) });
  return {
    read,
    write,
    writer,
    async close() {
      await read.destroy();
      await writer.close();
    },
  };
}

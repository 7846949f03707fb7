/** Owns how Kysely's own SQLite dialect speaks through `bun:sqlite`. */

import type { Database, SQLQueryBindings } from "bun:sqlite";
import type { SqliteDatabase } from "kysely";

/** A statement is a reader when it has columns; that is all that Kysely asks of a driver beyond running it. */
export function kyselyAdapter(database: Database): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const statement = database.query<unknown, SQLQueryBindings[]>(sql);
      const bind = (parameters: readonly unknown[]) => parameters as SQLQueryBindings[];
      return {
        reader: statement.columnNames.length > 0,
        all: (parameters) => statement.all(...bind(parameters)),
        run: (parameters) => {
          const { changes, lastInsertRowid } = statement.run(...bind(parameters));
          return { changes, lastInsertRowid };
        },
        iterate: (parameters) => statement.iterate(...bind(parameters)) as IterableIterator<unknown>,
      };
    },
  };
}

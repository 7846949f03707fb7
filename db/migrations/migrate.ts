/** Owns the order of the migrations, and runs those that a database has not seen yet: one at a time, expand first, contract later. */

import { type Kysely, sql } from "kysely";
import { DEFAULT_MIGRATION_TABLE, type Migration, Migrator } from "kysely/migration";
import type { Database } from "../schema.ts";
import { sales } from "./0001-sales.ts";
import { accounts } from "./0002-accounts.ts";
import { cluster } from "./0003-cluster.ts";
import { rooms } from "./0004-room.ts";
import { journalKinds } from "./0005-journal-kinds.ts";
import { roomGaps } from "./0006-room-gaps.ts";
import { checkoutWidth } from "./0007-checkout-width.ts";
import type { DialectName } from "./dialect.ts";

const MIGRATIONS: Record<string, (dialect: DialectName) => Migration> = {
  "0001-sales": sales,
  "0002-accounts": accounts,
  "0003-cluster": cluster,
  "0004-room": rooms,
  "0005-journal-kinds": journalKinds,
  "0006-room-gaps": roomGaps,
  "0007-checkout-width": checkoutWidth,
};

/**
 * Brings the database to this program's schema, or leaves it at that of a later one: migrations expand first, so that a program goes on,
 * and starts again, beside the one after it. Throws what the database said when a migration fails; nothing of that one is kept on SQLite,
 * and on MySQL the next start goes on with it.
 */
export async function migrate(db: Kysely<Database>, dialect: DialectName): Promise<void> {
  const own = Object.entries(MIGRATIONS).map(([name, make]) => [name, make(dialect)] as const);
  const later = (await migrationsAfter(db, own.at(-1)?.[0] ?? "")).map((name) => [name, MADE] as const);
  const migrations = Object.fromEntries([...own, ...later]);
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/** What a later program has made is not made again. */
const MADE: Migration = { up: () => Promise.reject(new Error("this migration belongs to a later program")) };

/** Those that the database has seen, by the order of their names. */
async function migrationsAfter(db: Kysely<Database>, last: string): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (tables.every(({ name }) => name !== DEFAULT_MIGRATION_TABLE)) return [];
  const { rows } = await sql<{ name: string }>`
    select name from ${sql.table(DEFAULT_MIGRATION_TABLE)} where name > ${last} order by name`.execute(db);
  return rows.map(({ name }) => name);
}

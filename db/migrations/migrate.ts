/** Owns the order of the migrations, and runs those that a database has not seen yet: one at a time, expand first, contract later. */

import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { Database } from "../schema.ts";
import { sales } from "./0001-sales.ts";
import { accounts } from "./0002-accounts.ts";
import { cluster } from "./0003-cluster.ts";
import { rooms } from "./0004-room.ts";
import { journalKinds } from "./0005-journal-kinds.ts";
import { roomGaps } from "./0006-room-gaps.ts";
import type { DialectName } from "./dialect.ts";

const MIGRATIONS: Record<string, (dialect: DialectName) => Migration> = {
  "0001-sales": sales,
  "0002-accounts": accounts,
  "0003-cluster": cluster,
  "0004-room": rooms,
  "0005-journal-kinds": journalKinds,
  "0006-room-gaps": roomGaps,
};

/** Brings the database to this program's schema. Throws what the database said when a migration fails; nothing of that one is kept on SQLite, and on MySQL the next start goes on with it. */
export async function migrate(db: Kysely<Database>, dialect: DialectName): Promise<void> {
  const migrations = Object.fromEntries(Object.entries(MIGRATIONS).map(([name, make]) => [name, make(dialect)]));
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

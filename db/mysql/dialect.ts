/** Owns the Kysely dialect of MySQL and MariaDB: Kysely's own, over our pool, with a migration lock of the database's own. */

import { type Dialect, type Kysely, MysqlAdapter, MysqlIntrospector, MysqlQueryCompiler, sql } from "kysely";
import { PoolDriver, type PoolOptions } from "./pool-driver.ts";

/** How long a start waits for another process's migrations, in seconds. */
const MIGRATION_WAIT_S = 120;

/** @param made is given the driver once Kysely has it */
export function mysqlDialect(options: PoolOptions, made: (driver: PoolDriver) => void = () => {}): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver() {
      const driver = new PoolDriver(options);
      made(driver);
      return driver;
    },
    createIntrospector: (db) => new MysqlIntrospector(db),
    createQueryCompiler: () => new MysqlQueryCompiler(),
  };
}

/** Kysely's own lock has one name on a server for all its databases, and doesn't look whether it was got. */
class Adapter extends MysqlAdapter {
  override async acquireMigrationLock(db: Kysely<unknown>): Promise<void> {
    const { rows } = await sql<{ got: number | string | null }>`
      select get_lock(${LOCK_NAME}, ${MIGRATION_WAIT_S}) as got`.execute(db);
    if (Number(rows[0]?.got) !== 1) {
      throw new Error(`another process has been changing the tables for more than ${MIGRATION_WAIT_S} s`);
    }
  }

  override async releaseMigrationLock(db: Kysely<unknown>): Promise<void> {
    await sql`select release_lock(${LOCK_NAME})`.execute(db);
  }
}

/** Names of locks are the server's, and at most 64 characters. */
const LOCK_NAME = sql`concat('pigonair-migrate-', left(sha2(database(), 256), 40))`;

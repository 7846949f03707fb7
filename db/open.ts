/** Owns the opening of the database, whichever it is: its schema brought up to date, a handle that reads and one that writes. */

import { Kysely, SqliteDialect } from "kysely";
import type { Clock } from "../actors/clock.ts";
import { OperationalError } from "../actors/errors.ts";
import { migrate } from "./migrations/migrate.ts";
import { mysqlAddress, placeOf } from "./mysql/address.ts";
import { DedicatedConnection } from "./mysql/dedicated.ts";
import { mysqlDialect } from "./mysql/dialect.ts";
import { POOL_LIMITS, type PoolDriver, type PoolFigures, type PoolLimits } from "./mysql/pool-driver.ts";
import type { Database } from "./schema.ts";
import { kyselyAdapter } from "./sqlite/adapter.ts";
import { openReader } from "./sqlite/connection.ts";
import { SqliteWriter } from "./sqlite/writer.ts";
import { writerDialect } from "./sqlite/writer-dialect.ts";
import { systemClock } from "./system-clock.ts";

export type OpenDatabase = OpenSqlite | OpenMysql;

interface Opened {
  /** Sees what is committed. */
  readonly read: Kysely<Database>;
  /** Everything that is written outside the lane. */
  readonly write: Kysely<Database>;
  /** What is used now of the way to the database, besides the lane's. */
  figures(): PoolFigures;
  close(): Promise<void>;
}

export interface OpenSqlite extends Opened {
  readonly dialect: "sqlite";
  /** The only connection that writes, on a thread of its own. */
  readonly writer: SqliteWriter;
}

export interface OpenMysql extends Opened {
  readonly dialect: "mysql";
  /**
   * A connection outside the pool, for one purpose alone; opened when it is first used, and closed with the database.
   * @param openMsMax how long its opening may take. @default 2_000
   */
  dedicated(openMsMax?: number): DedicatedConnection;
}

/** @param file made when missing; its folder must be there */
export async function openSqlite(file: string): Promise<OpenSqlite> {
  const writer = new SqliteWriter(file);
  const write = new Kysely<Database>({ dialect: writerDialect(writer) });
  await migrate(write, "sqlite");
  const read = new Kysely<Database>({ dialect: new SqliteDialect({ database: kyselyAdapter(openReader(file)) }) });
  return {
    dialect: "sqlite",
    read,
    write,
    writer,
    // One thread writes, one statement after another.
    figures: () => ({
      busy: Math.min(1, writer.pending),
      idle: writer.pending === 0 ? 1 : 0,
      max: 1,
      waiting: Math.max(0, writer.pending - 1),
    }),
    async close() {
      await read.destroy();
      await writer.close();
    },
  };
}

export interface MysqlOptions {
  /** The setting `DATABASE_TLS_CA`: a file of certificates; null leaves the way unencrypted. @default null */
  readonly tlsCaFile?: string | null;
  readonly clock?: Clock;
  readonly limits?: Partial<PoolLimits>;
}

/** Changing tables, and what looks at all of them, takes its time, in milliseconds. */
export const LONG_STATEMENT_MS_MAX = 3_600_000;

/**
 * Opens a database of a MySQL (8 or later) or MariaDB (10.6 or later) server. Of several processes that start at once one brings the
 * tables up to date, and the others wait for it.
 * @param url `mysql://user:password@host:port/database`; the database must be there
 * @throws Error that says which database can't be used, and why
 */
export async function openMysql(url: string, options: MysqlOptions = {}): Promise<OpenMysql> {
  const { tlsCaFile = null, clock = systemClock() } = options;
  const limits = { ...POOL_LIMITS, ...options.limits };
  const address = mysqlAddress(url, tlsCaFile);
  const migrating = new Kysely<Database>({
    dialect: mysqlDialect({
      address,
      clock,
      limits: { ...limits, connectionsMax: 2, statementMsMax: LONG_STATEMENT_MS_MAX },
      isMigrating: true,
    }),
  });
  try {
    await migrate(migrating, "mysql");
  } catch (cause) {
    const reason = cause instanceof OperationalError ? cause.cause : cause;
    throw new Error(
      `The database ${placeOf(address)} can't be used: ${reason instanceof Error ? reason.message : String(reason)}`,
      { cause },
    );
  } finally {
    await migrating.destroy();
  }
  let driver: PoolDriver | null = null;
  const dialect = mysqlDialect({ address, clock, limits }, (made) => {
    driver = made;
  });
  const pool = new Kysely<Database>({ dialect });
  const unused: PoolFigures = { busy: 0, idle: 0, max: limits.connectionsMax, waiting: 0 };
  const connections: DedicatedConnection[] = [];
  return {
    dialect: "mysql",
    read: pool,
    write: pool,
    figures: () => driver?.figures ?? unused,
    dedicated(openMsMax) {
      const connection = new DedicatedConnection(address, clock, openMsMax);
      connections.push(connection);
      return connection;
    },
    async close() {
      for (const connection of connections) connection.close();
      await pool.destroy();
    },
  };
}

/**
 * Owns the pool through which everything outside the lane speaks to MySQL: bounded in connections, in waiting and in time. A connection
 * on which anything may still be open is ended, never handed on; what the moment is to blame for becomes UNAVAILABLE, which may be retried.
 */

import type { CompiledQuery, DatabaseConnection, Driver, QueryResult, TransactionSettings } from "kysely";
import { createPool, type Pool, type PoolConnection, type QueryResult as Raw } from "mysql2";
import { assert } from "../../actors/assert.ts";
import type { Clock } from "../../actors/clock.ts";
import type { MysqlAddress } from "./address.ts";
import { MysqlFailure, mysqlFailure, tellable } from "./failures.ts";
import { POOLED, sessionSettings } from "./session-settings.ts";

export interface PoolLimits {
  /** @default 10 */
  readonly connectionsMax: number;
  /** Statements and transactions that wait for a connection. @default 1_000 */
  readonly waitingMax: number;
  /** How long one waits, in milliseconds. @default 5_000 */
  readonly waitMsMax: number;
  /** How long one statement may take, in milliseconds. @default 10_000 */
  readonly statementMsMax: number;
}

export interface PoolOptions {
  readonly address: MysqlAddress;
  readonly clock: Clock;
  readonly limits: PoolLimits;
  /** Whether what a statement would make may be there already: see {@link MADE_BEFORE}. @default false */
  readonly isMigrating?: boolean;
}

/**
 * What a statement of a migration fails with when an earlier run of it was cut off. MySQL knows no transactions for tables, so a
 * migration that is not recorded as done is run again, and passes over what it has made.
 */
const MADE_BEFORE = new Set(["ER_TABLE_EXISTS_ERROR", "ER_DUP_KEYNAME", "ER_DUP_FIELDNAME", "ER_DUP_ENTRY"]);

export const POOL_LIMITS: PoolLimits = {
  connectionsMax: 10,
  waitingMax: 1_000,
  waitMsMax: 5_000,
  statementMsMax: 10_000,
};

/** How long the opening of a connection may take, in milliseconds. */
const OPEN_MS_MAX = 2_000;

/** A connection that nobody used for so long is ended before the server does it, in milliseconds. */
const IDLE_MS_MAX = (POOLED.idleS * 1_000) / 2;

export class PoolDriver implements Driver {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #limits: PoolLimits;
  readonly #connections = new WeakMap<PoolConnection, PooledConnection>();

  readonly #passesOver: ReadonlySet<string>;

  constructor({ address, clock, limits, isMigrating = false }: PoolOptions) {
    const { ca, ...rest } = address;
    this.#clock = clock;
    this.#limits = limits;
    this.#passesOver = isMigrating ? MADE_BEFORE : new Set();
    this.#pool = createPool({
      ...rest,
      ...(ca === null ? {} : { ssl: { ca, minVersion: "TLSv1.2", rejectUnauthorized: true, verifyIdentity: true } }),
      charset: "utf8mb4",
      connectTimeout: OPEN_MS_MAX,
      connectionLimit: limits.connectionsMax,
      queueLimit: limits.waitingMax,
      maxIdle: limits.connectionsMax - 1,
      idleTimeout: IDLE_MS_MAX,
      // A BIGINT is read as text, or …993 would be read as …992.
      supportBigNumbers: true,
      bigNumberStrings: true,
      // Values are strings, numbers and null; should an object ever be one, it is a string and not a piece of SQL.
      stringifyObjects: true,
      flags: ["FOUND_ROWS"],
    });
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  async acquireConnection(): Promise<PooledConnection> {
    const raw = await this.#raw();
    const known = this.#connections.get(raw);
    if (known !== undefined) return known;
    const connection = new PooledConnection(raw, this.#clock, this.#limits.statementMsMax, this.#passesOver);
    try {
      for (const sql of sessionSettings(POOLED)) await connection.run(sql, []);
    } catch (cause) {
      connection.release();
      throw cause;
    }
    this.#connections.set(raw, connection);
    return connection;
  }

  async beginTransaction(connection: PooledConnection, settings: TransactionSettings): Promise<void> {
    await connection.begin(settings);
  }

  async commitTransaction(connection: PooledConnection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: PooledConnection): Promise<void> {
    await connection.rollback();
  }

  releaseConnection(connection: PooledConnection): Promise<void> {
    connection.release();
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    return new Promise((resolve) => this.#pool.end(() => resolve()));
  }

  /** A connection of the pool, or UNAVAILABLE in time. One that comes too late goes back. */
  #raw(): Promise<PoolConnection> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const { waitMsMax } = this.#limits;
      const timer = this.#clock.after(waitMsMax, () => {
        isLate = true;
        reject(tellable(new MysqlFailure("NO_CONNECTION", "unavailable", `no connection within ${waitMsMax} ms`)));
      });
      this.#pool.getConnection((cause, connection) => {
        timer.cancel();
        if (cause !== null) reject(tellable(mysqlFailure(cause)));
        else if (isLate) connection.release();
        else resolve(connection);
      });
    });
  }
}

export class PooledConnection implements DatabaseConnection {
  readonly #raw: PoolConnection;
  readonly #clock: Clock;
  readonly #statementMsMax: number;
  readonly #passesOver: ReadonlySet<string>;
  #isInTransaction = false;
  #isBroken = false;

  /** @param passesOver codes of failures of single statements that count as done */
  constructor(raw: PoolConnection, clock: Clock, statementMsMax: number, passesOver: ReadonlySet<string>) {
    this.#raw = raw;
    this.#clock = clock;
    this.#statementMsMax = statementMsMax;
    this.#passesOver = passesOver;
    // Whoever uses it is told by its statement; without a listener it would end the process.
    raw.on("error", () => {
      this.#isBroken = true;
    });
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const result = await this.run(sql, parameters).catch((cause: unknown) => {
      if (cause instanceof MysqlFailure && this.#passesOver.has(cause.code)) return [];
      throw cause;
    });
    if (Array.isArray(result)) return { rows: result as Row[] };
    const { affectedRows, insertId } = result;
    return { rows: [], numAffectedRows: BigInt(affectedRows), insertId: BigInt(insertId) };
  }

  streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("what is read here is small, or read in pages");
  }

  async begin({ isolationLevel, accessMode }: TransactionSettings): Promise<void> {
    if (isolationLevel !== undefined) await this.run(`set transaction isolation level ${isolationLevel}`, []);
    this.#isInTransaction = true;
    await this.run(accessMode === undefined ? "start transaction" : `start transaction ${accessMode}`, []);
  }

  async commit(): Promise<void> {
    await this.run("commit", []);
    this.#isInTransaction = false;
  }

  /** Never throws: what can't be undone by a statement is undone by the end of the connection. */
  async rollback(): Promise<void> {
    if (this.#isBroken) return;
    try {
      await this.run("rollback", []);
      this.#isInTransaction = false;
    } catch {
      this.#isBroken = true;
    }
  }

  release(): void {
    if (this.#isBroken || this.#isInTransaction) this.#raw.destroy();
    else this.#raw.release();
  }

  /** @throws OperationalError UNAVAILABLE · MysqlFailure for what is the statement's own fault, or that of its values */
  run(sql: string, values: readonly unknown[]): Promise<Exclude<Raw, unknown[][]> | unknown[]> {
    const plain = values.filter(isPlain);
    assert(plain.length === values.length, "what goes to SQL is a string, a number or null");
    return new Promise((resolve, reject) => {
      const fail = (failure: MysqlFailure): void => {
        timer.cancel();
        if (failure.kind === "unavailable") this.#isBroken = true;
        reject(tellable(failure));
      };
      const timer = this.#clock.after(this.#statementMsMax, () => {
        this.#raw.destroy();
        fail(new MysqlFailure("NO_ANSWER", "unavailable", `no answer within ${this.#statementMsMax} ms`));
      });
      this.#raw.query(sql, plain, (cause, result) => {
        if (cause !== null) {
          fail(mysqlFailure(cause));
          return;
        }
        timer.cancel();
        resolve(result);
      });
    });
  }
}

/** Text is put into quotes and escaped by the connector, numbers are written out; nothing else gets that far. */
function isPlain(value: unknown): value is string | number | bigint | null {
  return value === null || typeof value === "string" || Number.isFinite(value) || typeof value === "bigint";
}

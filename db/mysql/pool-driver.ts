/**
 * Owns the pool through which everything outside the lane speaks to MySQL: bounded in connections, in waiting and in time. A connection
 * on which anything may still be open is ended, never handed on; what the moment is to blame for becomes UNAVAILABLE, which may be retried.
 */

import type { CompiledQuery, DatabaseConnection, Driver, QueryResult, TransactionSettings } from "kysely";
import { type Connection, createConnection, type QueryResult as Raw } from "mysql2";
import { assert } from "../../actors/assert.ts";
import type { Clock } from "../../actors/clock.ts";
import type { MysqlAddress } from "./address.ts";
import { MysqlFailure, mysqlFailure, tellable } from "./failures.ts";
import { Places } from "./places.ts";
import { MIGRATING, POOLED, sessionSettings } from "./session-settings.ts";

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

/** How much of a pool is used now. */
export interface PoolFigures {
  /** Connections that somebody uses, those that are open and nobody does, and how many there may be. */
  readonly busy: number;
  readonly idle: number;
  readonly max: number;
  /** Statements and transactions that wait for one. */
  readonly waiting: number;
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

/**
 * A text as long as that, in characters, travels apart from its statement, which is prepared for it. The connector would look through all of
 * it for what must be escaped, and nobody else is served meanwhile: 8 MB, as of a flight of 10,000 holds, took it 24 to 88 ms.
 */
const LONG_TEXT = 65_536;

/** Statements that a connection keeps prepared for that: few have anything so long to say. */
const PREPARED_MAX = 8;

/** A connection that nobody used for so long is ended before the server does it, in milliseconds. */
const IDLE_MS_MAX = (POOLED.idleS * 1_000) / 2;

export class PoolDriver implements Driver {
  readonly #options: PoolOptions;
  readonly #places: Places;
  /** Those that nobody uses, the last used last. */
  readonly #idle: PooledConnection[] = [];
  #isClosed = false;

  constructor(options: PoolOptions) {
    const { connectionsMax: places, waitingMax, waitMsMax } = options.limits;
    this.#options = options;
    this.#places = new Places({ places, waitingMax, waitMsMax, clock: options.clock });
  }

  get figures(): PoolFigures {
    const { taken: busy, places: max, waiting } = this.#places;
    return { busy, idle: this.#idle.length, max, waiting };
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  /** @throws OperationalError UNAVAILABLE · MysqlFailure */
  async acquireConnection(): Promise<PooledConnection> {
    try {
      await this.#places.take();
      try {
        return this.#takeIdle() ?? (await PooledConnection.open(this.#options));
      } catch (cause) {
        this.#places.give();
        throw cause;
      }
    } catch (cause) {
      throw cause instanceof MysqlFailure ? tellable(cause) : cause;
    }
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
    if (connection.isClean && !this.#isClosed) this.#idle.push(connection);
    else connection.end();
    this.#places.give();
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    this.#isClosed = true;
    for (const connection of this.#idle.splice(0)) connection.end();
    return Promise.resolve();
  }

  #takeIdle(): PooledConnection | null {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return null;
      if (connection.isClean && connection.idleMs < IDLE_MS_MAX) return connection;
      connection.end();
    }
  }
}

class PooledConnection implements DatabaseConnection {
  readonly #raw: Connection;
  readonly #options: PoolOptions;
  #isInTransaction = false;
  #isBroken = false;
  #usedMs: number;

  private constructor(raw: Connection, options: PoolOptions) {
    this.#raw = raw;
    this.#options = options;
    this.#usedMs = options.clock.monotonicMs();
    // Whoever uses it is told by its statement; without a listener it would end the process.
    raw.on("error", () => {
      this.#isBroken = true;
    });
    raw.on("end", () => {
      this.#isBroken = true;
    });
  }

  /** @throws MysqlFailure or what it is told as */
  static async open(options: PoolOptions): Promise<PooledConnection> {
    const { ca, ...address } = options.address;
    const raw = createConnection({
      ...address,
      ...(ca === null ? {} : { ssl: { ca, minVersion: "TLSv1.2", rejectUnauthorized: true, verifyIdentity: true } }),
      charset: "utf8mb4",
      connectTimeout: OPEN_MS_MAX,
      // A BIGINT is read as text, or …993 would be read as …992.
      supportBigNumbers: true,
      bigNumberStrings: true,
      // Values are strings, numbers and null; should an object ever be one, it is a string and not a piece of SQL.
      stringifyObjects: true,
      flags: ["FOUND_ROWS"],
      // Each takes memory of the server's for as long as the connection lives.
      maxPreparedStatements: PREPARED_MAX,
    });
    const connection = new PooledConnection(raw, options);
    try {
      await connection.#connect();
      const settings = sessionSettings(options.isMigrating === true ? MIGRATING : POOLED);
      for (const sql of settings) await connection.run(sql, []);
      return connection;
    } catch (cause) {
      connection.end();
      throw cause;
    }
  }

  /** Nothing is open on it, and nothing has gone wrong with it. */
  get isClean(): boolean {
    return !this.#isBroken && !this.#isInTransaction;
  }

  get idleMs(): number {
    return this.#options.clock.monotonicMs() - this.#usedMs;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const result = await this.run(sql, parameters).catch((cause: unknown) => {
      if (this.#options.isMigrating === true && cause instanceof MysqlFailure && MADE_BEFORE.has(cause.code)) return [];
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

  /** At once, and with whatever is open on it. */
  end(): void {
    this.#isBroken = true;
    this.#raw.destroy();
  }

  /** @throws OperationalError UNAVAILABLE · MysqlFailure for what is the statement's own fault, or that of its values */
  run(sql: string, values: readonly unknown[]): Promise<Exclude<Raw, unknown[][]> | unknown[]> {
    const plain = values.filter(isPlain);
    assert(plain.length === values.length, "what goes to SQL is a string, a number or null");
    this.#usedMs = this.#options.clock.monotonicMs();
    const isLong = plain.some((value) => typeof value === "string" && value.length >= LONG_TEXT);
    return this.#bounded(this.#options.limits.statementMsMax, (done) =>
      isLong ? this.#raw.execute(sql, plain, done) : this.#raw.query(sql, plain, done),
    );
  }

  #connect(): Promise<void> {
    return this.#bounded(OPEN_MS_MAX, (done) => this.#raw.connect((cause) => done(cause)));
  }

  /** Ends in time, whatever the connector and the server do. */
  #bounded<T>(withinMs: number, begin: (done: (cause: Error | null, result: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (failure: MysqlFailure): void => {
        timer.cancel();
        if (failure.kind === "unavailable") this.end();
        reject(tellable(failure));
      };
      const timer = this.#options.clock.after(withinMs, () =>
        fail(new MysqlFailure("NO_ANSWER", "unavailable", `no answer within ${withinMs} ms`)),
      );
      begin((cause, result) => {
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

/** Owns the pool of connections through which Kysely speaks to the simulated database, as db/mysql/pool-driver.ts does it to a real one. */

import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import { present } from "../../../actors/assert.ts";
import { OPEN_MS_MAX } from "../../../db/mysql/dedicated.ts";
import { MysqlFailure, tellable } from "../../../db/mysql/failures.ts";
import { POOL_LIMITS } from "../../../db/mysql/pool-driver.ts";
import { POOLED } from "../../../db/mysql/session-settings.ts";
import type { Value } from "../sql/syntax.ts";
import { ClientSession, type Reach, resultOf } from "./client-session.ts";
import { type Outcome, settingsOf } from "./server-session.ts";

export function simulatedDialect(reach: Reach): Dialect {
  return {
    createAdapter: () => new MysqlAdapter(),
    createDriver: () => new Pool(reach),
    createIntrospector: (db) => new MysqlIntrospector(db),
    createQueryCompiler: () => new MysqlQueryCompiler(),
  };
}

class Pool implements Driver {
  readonly #reach: Reach;
  readonly #idle: Pooled[] = [];

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  async acquireConnection(): Promise<Pooled> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) if (idle.isUsable) return idle;
    try {
      return new Pooled(await ClientSession.open(this.#reach, settingsOf(POOLED), OPEN_MS_MAX));
    } catch (cause) {
      throw cause instanceof MysqlFailure ? tellable(cause) : cause;
    }
  }

  async beginTransaction(connection: Pooled, { accessMode }: TransactionSettings): Promise<void> {
    await connection.send(accessMode === "read only" ? "begin reading" : "begin");
  }

  async commitTransaction(connection: Pooled): Promise<void> {
    await connection.send("commit");
  }

  async rollbackTransaction(connection: Pooled): Promise<void> {
    if (connection.isUsable) await connection.send("rollback");
  }

  async releaseConnection(connection: Pooled): Promise<void> {
    if (connection.isUsable) this.#idle.push(connection);
  }

  async destroy(): Promise<void> {
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }
}

class Pooled implements DatabaseConnection {
  readonly #session: ClientSession;

  constructor(session: ClientSession) {
    this.#session = session;
  }

  get isUsable(): boolean {
    return this.#session.isUsable;
  }

  destroy(): void {
    this.#session.destroy();
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { columns, rows, affected } = resultOf(await this.#exchange(sql, parameters as readonly Value[]));
    return {
      rows: rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at]])) as R),
      numAffectedRows: BigInt(affected),
    };
  }

  streamQuery(): never {
    throw new Error("nothing is streamed");
  }

  async send(sql: string): Promise<void> {
    resultOf(await this.#exchange(sql, []));
  }

  #exchange(sql: string, values: readonly Value[]): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#session.exchange([{ sql, values }], POOL_LIMITS.statementMsMax, (outcomes) => {
        if (outcomes instanceof MysqlFailure) {
          reject(tellable(outcomes));
          return;
        }
        const outcome = present(outcomes[0], "an outcome of the statement");
        if (outcome.ok) resolve(outcome);
        else {
          // A connection on which anything may still be open is never handed on.
          this.#session.destroy();
          reject(tellable(new MysqlFailure(outcome.code, outcome.kind, `${outcome.code}: ${outcome.message}`)));
        }
      });
    });
  }
}

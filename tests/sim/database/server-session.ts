/** Owns one connection as the server has it: a transaction with its locks, statements one after another, and an end when it idles too long. */

import { assert } from "../../../actors/assert.ts";
import type { Timer } from "../../../actors/clock.ts";
import type { FailureKind } from "../../../db/mysql/failures.ts";
import type { POOLED } from "../../../db/mysql/session-settings.ts";
import { statementOf } from "../sql/compile.ts";
import { type Key, type LockMode, type Result, type Row, type Running, SqlFailure } from "../sql/running.ts";
import type { TableSchema } from "../sql/schema.ts";
import type { Value } from "../sql/syntax.ts";
import { Blocked, type Holder } from "./locks.ts";
import type { Server } from "./server.ts";
import { type View, Writes } from "./tables.ts";

export interface SessionSettings {
  /** Whether a statement outside of a transaction is one of its own. */
  readonly isAutocommit: boolean;
  readonly lockWaitMs: number;
  readonly idleInTransactionMs: number;
  /** How long it may do nothing at all. */
  readonly idleMs: number;
}

/** What the product sets its sessions to. */
export function settingsOf({ autocommit, lockWaitS, idleInTransactionS, idleS }: typeof POOLED): SessionSettings {
  return {
    isAutocommit: autocommit === 1,
    lockWaitMs: lockWaitS * 1_000,
    idleInTransactionMs: idleInTransactionS * 1_000,
    idleMs: idleS * 1_000,
  };
}

/** `begin` and `begin reading` are what a pool sends; the latter is one consistent view. */
export interface Sent {
  readonly sql: string;
  readonly values: readonly Value[];
  /** It is a step of a compound statement, and `affects` so many rows, or the whole statement fails there. */
  readonly step?: { readonly affects: number | null };
}

export type Outcome =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly code: string; readonly kind: FailureKind; readonly message: string };

interface Request {
  readonly statements: readonly Sent[];
  readonly reply: (outcomes: readonly Outcome[]) => void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const NOTHING: Result = { columns: [], rows: [], affected: 0 };

export class ServerSession implements Holder {
  /** Whose it is, for the trace. */
  readonly name: string;
  readonly #server: Server;
  readonly #settings: Mutable<SessionSettings>;
  readonly #closed: () => void;
  readonly #requests: Request[] = [];
  #writes = new Writes();
  #view: View | null = null;
  #isInTransaction = false;
  #isWorking = false;
  #isEnded = false;
  /** The client has gone: what was received is still done, and then it is over. */
  #isLeaving = false;
  /** A COMMIT that the server has begun. */
  #isCommitting = false;
  #idle: Timer | null = null;
  #giveUpWaiting: (() => void) | null = null;

  /** @param closed tells the client that the server has ended the connection */
  constructor(server: Server, name: string, settings: SessionSettings, closed: () => void) {
    this.#server = server;
    this.name = name;
    this.#settings = { ...settings };
    this.#closed = closed;
  }

  get isInTransaction(): boolean {
    return this.#isInTransaction;
  }

  receive(statements: readonly Sent[], reply: Request["reply"]): void {
    if (this.#isEnded) return;
    this.#idle?.cancel();
    this.#requests.push({ statements, reply });
    this.#work();
  }

  /** The client's end of the connection is gone. */
  leave(): void {
    this.#isLeaving = true;
    if (!this.#isWorking) this.#end();
  }

  /** Ended by the server: killed, idle, or because it stops itself. A COMMIT that has begun may still be done. */
  kill(): void {
    if (this.#isEnded) return;
    if (this.#isCommitting && this.#server.isCommitKept()) this.#commit();
    this.#end();
    this.#closed();
  }

  #end(): void {
    this.#isEnded = true;
    this.#idle?.cancel();
    this.#requests.length = 0;
    this.#rollback();
    this.#server.forget(this);
  }

  #work(): void {
    if (this.#isWorking || this.#isEnded) return;
    const request = this.#requests.shift();
    if (request === undefined) {
      this.#rest();
      return;
    }
    this.#isWorking = true;
    this.#run(request, 0, []);
  }

  #rest(): void {
    if (this.#isLeaving) this.#end();
    else {
      const { idleInTransactionMs, idleMs } = this.#settings;
      this.#idle = this.#server.loop.after(this.#isInTransaction ? idleInTransactionMs : idleMs, () => {
        this.#server.note(`${this.name} idles${this.#isInTransaction ? " in its transaction" : ""}: ended`);
        this.kill();
      });
    }
  }

  /** Runs the statements from `at` on; each may take its time. */
  #run(request: Request, from: number, outcomes: Outcome[]): void {
    for (let at = from; at < request.statements.length; at++) {
      const sent = request.statements[at];
      assert(sent !== undefined, "a statement that was sent");
      const goOn = (given: Outcome): void => {
        const outcome = ofStep(sent, given);
        outcomes.push(outcome);
        const isOver = sent.step !== undefined && !outcome.ok;
        this.#run(request, isOver ? request.statements.length : at + 1, outcomes);
      };
      const takesMs = this.#server.takesMs(sent.sql);
      if (takesMs > 0) {
        this.#isCommitting = sent.sql === "commit";
        this.#server.loop.after(takesMs, () => {
          if (this.#isEnded) return;
          this.#isCommitting = false;
          const outcome = this.#try(sent, goOn);
          if (outcome !== null) goOn(outcome);
        });
        return;
      }
      const given = this.#try(sent, goOn);
      if (given === null) return;
      const outcome = ofStep(sent, given);
      outcomes.push(outcome);
      if (sent.step !== undefined && !outcome.ok) break;
    }
    this.#isWorking = false;
    request.reply(outcomes);
    this.#work();
  }

  /** @returns null when it waits for a lock: `goOn` is called then when it has ended */
  #try(sent: Sent, goOn: (outcome: Outcome) => void): Outcome | null {
    if (this.#isEnded) return null;
    const injected = this.#server.failsWith(sent.sql);
    if (injected !== null) {
      this.#rollback();
      return injected;
    }
    try {
      return { ok: true, result: this.#execute(sent) };
    } catch (cause) {
      if (cause instanceof Blocked) return this.#wait(sent, cause, goOn);
      if (cause instanceof SqlFailure) return { ok: false, code: cause.code, kind: "refused", message: cause.message };
      throw cause;
    }
  }

  #wait(sent: Sent, blocked: Blocked, goOn: (outcome: Outcome) => void): Outcome | null {
    const { locks, loop } = this.#server;
    if (locks.isDeadlock(this, blocked)) {
      this.#rollback();
      return { ok: false, code: "ER_LOCK_DEADLOCK", kind: "passing", message: "Deadlock found" };
    }
    const stop = (): void => {
      giveUp();
      timer.cancel();
      this.#giveUpWaiting = null;
    };
    const giveUp = locks.wait(this, blocked, () => {
      stop();
      // What has the row granted it in the midst of its own work.
      loop.after(0, () => {
        const outcome = this.#try(sent, goOn);
        if (outcome !== null) goOn(outcome);
      });
    });
    const timer = loop.after(this.#settings.lockWaitMs, () => {
      stop();
      this.#server.note(`${this.name} waited too long for ${blocked.row}`);
      goOn({ ok: false, code: "ER_LOCK_WAIT_TIMEOUT", kind: "passing", message: "Lock wait timeout exceeded" });
    });
    this.#giveUpWaiting = stop;
    return null;
  }

  #execute({ sql, values }: Sent): Result {
    if (sql === "begin" || sql === "begin reading") {
      this.#rollback();
      this.#isInTransaction = true;
      if (sql === "begin reading") this.#view = this.#server.tables.view();
      return NOTHING;
    }
    const statement = statementOf(sql);
    switch (statement.kind) {
      case "commit":
        this.#commit();
        return NOTHING;
      case "rollback":
        this.#rollback();
        return NOTHING;
      case "set":
        assert(statement.name === "wait_timeout", `the simulated database has no setting ${statement.name}`);
        this.#settings.idleMs = statement.value * 1_000;
        return NOTHING;
      case "run": {
        if (!this.#settings.isAutocommit) this.#isInTransaction = true;
        const result = statement.run(this.#running(values));
        if (!this.#isInTransaction) this.#commit();
        return result;
      }
    }
  }

  #running(values: readonly Value[]): Running {
    const { tables, locks } = this.#server;
    const committed = (table: string): ReadonlyMap<Key, Row> => this.#view?.get(table) ?? tables.rows(table);
    const writes = this.#writes;
    return {
      values,
      nowMs: this.#server.nowMs,
      rowsOf: (schema: TableSchema) =>
        writes.touches(schema.name) ? writes.over(schema, committed(schema.name)) : committed(schema.name).values(),
      row(schema: TableSchema, key: Key) {
        const written = writes.row(schema.name, key);
        return written === undefined ? committed(schema.name).get(key) : (written ?? undefined);
      },
      lock: (schema: TableSchema, key: Key, mode: LockMode) => locks.take(this, schema.name, key, mode),
      write: (schema: TableSchema, key: Key, row: Row | null) => writes.set(schema.name, key, row),
      takeNamed: (name) => this.#server.takeNamed(name, this),
      releaseNamed: (name) => this.#server.releaseNamed(name, this),
    };
  }

  #commit(): void {
    const writes = this.#writes;
    if (!writes.isEmpty) this.#server.commit(writes);
    this.#forgetTransaction();
  }

  #rollback(): void {
    this.#forgetTransaction();
  }

  #forgetTransaction(): void {
    this.#giveUpWaiting?.();
    this.#giveUpWaiting = null;
    this.#writes = new Writes();
    this.#view = null;
    this.#isInTransaction = false;
    this.#server.locks.releaseAll(this);
  }
}

/** A step that affects, or counts, another number of rows than it must has failed. */
function ofStep({ step }: Sent, outcome: Outcome): Outcome {
  if (!outcome.ok || step === undefined || step.affects === null) return outcome;
  const { rows, affected } = outcome.result;
  const found = rows.length > 0 ? Number(rows[0]?.[0]) : affected;
  if (found === step.affects) return outcome;
  return { ok: false, code: "ER_SIGNAL_EXCEPTION", kind: "wrong", message: "rows are missing" };
}

/** Owns the locks of work that one process of a cluster does at a time: named locks of MySQL, which end with their session. */

import { assert } from "../../actors/assert.ts";
import type { Clock, Timer } from "../../actors/clock.ts";
import type { HeldLock, WorkerLock } from "../../queue/relay/worker-lock.ts";
import { COMMIT, type DedicatedConnection, type Session } from "../mysql/dedicated.ts";
import { mysqlFailure, tellable } from "../mysql/failures.ts";
import type { OpenDatabase, OpenMysql } from "../open.ts";

/** The server ends a session that says nothing for so long, in seconds, and its locks with it: the holder is dead, paused, or out of reach. */
const SILENCE_S = 3;

/** How often a holder speaks, in milliseconds, and how long it waits for the answer: it gives up well before the server does. */
const PING_MS = 500;
const ANSWER_MS_MAX = 1_000;

const NAME_MAX = 20;

/** Names of locks are the server's, and at most 64 characters. */
const LOCK_NAME = "concat('pigonair-', left(sha2(database(), 256), 32), '-', ?)";

/** A server on a file is alone with it, and has every lock. */
export function workerLockOn(db: OpenDatabase, clock: Clock): WorkerLock {
  if (db.dialect === "mysql") return new MysqlWorkerLock(db, clock);
  const never = new Promise<void>(() => {});
  return { take: () => Promise.resolve({ lost: never, release: () => Promise.resolve() }) };
}

class MysqlWorkerLock implements WorkerLock {
  readonly #db: OpenMysql;
  readonly #clock: Clock;
  /** One for each name: its session is the lock. */
  readonly #connections = new Map<string, DedicatedConnection>();

  constructor(db: OpenMysql, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  async take(name: string): Promise<HeldLock | null> {
    assert(name.length <= NAME_MAX, () => `the name of a lock has at most ${NAME_MAX} characters: ${name}`);
    const connection = this.#connections.get(name) ?? this.#db.dedicated();
    this.#connections.set(name, connection);
    try {
      const session = await connection.session();
      const taking = [
        { sql: `set session wait_timeout = ${SILENCE_S}` },
        { sql: `select get_lock(${LOCK_NAME}, 0)`, values: [name] },
        COMMIT,
      ];
      const [, got] = await session.all(taking, ANSWER_MS_MAX);
      return Number(got?.rows[0]?.[0]) === 1 ? new MysqlHeldLock(name, session, this.#clock) : null;
    } catch (cause) {
      throw tellable(mysqlFailure(cause));
    }
  }
}

class MysqlHeldLock implements HeldLock {
  readonly lost: Promise<void>;
  readonly #name: string;
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #lose: () => void;
  #timer: Timer | null = null;
  #isReleased = false;

  constructor(name: string, session: Session, clock: Clock) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.lost = promise;
    this.#lose = resolve;
    this.#name = name;
    this.#session = session;
    this.#clock = clock;
    this.#pingSoon();
  }

  async release(): Promise<void> {
    this.#isReleased = true;
    this.#timer?.cancel();
    const release = { sql: `select release_lock(${LOCK_NAME})`, values: [this.#name] };
    await this.#session.run([release, COMMIT], ANSWER_MS_MAX);
  }

  #pingSoon(): void {
    if (!this.#isReleased) this.#timer = this.#clock.after(PING_MS, () => void this.#ping());
  }

  async #ping(): Promise<void> {
    const { failure } = await this.#session.run([COMMIT], ANSWER_MS_MAX);
    if (failure === null) this.#pingSoon();
    else this.#lose();
  }
}

/**
 * Owns the simulated database server: what is committed, who has locked what, its own clock, and what goes wrong with it. It keeps to
 * READ COMMITTED as InnoDB does, and the contracts that MySQL keeps to are run over it, so that the simulation is not kinder than the truth.
 */

import { statementOf } from "../sql/compile.ts";
import { keyOf, type Running } from "../sql/running.ts";
import { SCHEMA } from "../sql/schema.ts";
import type { EventLoop } from "../world/event-loop.ts";
import type { Random } from "../world/random.ts";
import { Locks } from "./locks.ts";
import { type Outcome, ServerSession, type SessionSettings } from "./server-session.ts";
import { type RowChange, Tables, type Writes } from "./tables.ts";

/** How it behaves; all durations in milliseconds. */
export interface ServerTemper {
  /** What a COMMIT takes, as a rule. */
  commitMs: number;
  /** How often a COMMIT takes long instead, and how long at most. */
  stallChance: number;
  stallMsMax: number;
  /** How often a locking statement is the victim of a deadlock. */
  deadlockChance: number;
  /** Whether it runs a whole transaction as one statement, as MariaDB does and MySQL does not. */
  takesCompounds: boolean;
}

export const EVEN_TEMPER: ServerTemper = {
  commitMs: 0,
  stallChance: 0,
  stallMsMax: 0,
  deadlockChance: 0,
  takesCompounds: false,
};

export interface ServerOptions {
  readonly loop: EventLoop;
  readonly random: Random;
  /** What its clock says at the start, in milliseconds since the epoch. */
  readonly epochMs: number;
  readonly note?: (what: string) => void;
  /** The only shards that there are. @default all */
  readonly shards?: readonly number[];
}

export class Server {
  readonly loop: EventLoop;
  readonly tables = new Tables();
  readonly locks = new Locks();
  readonly temper: ServerTemper = { ...EVEN_TEMPER };
  readonly #random: Random;
  readonly #note: (what: string) => void;
  readonly #sessions = new Set<ServerSession>();
  readonly #named = new Map<string, ServerSession>();
  readonly #watchers: ((changes: readonly RowChange[]) => void)[] = [];
  /** Its clock less simulated time. */
  aheadMs: number;
  isDown = false;

  constructor({ loop, random, epochMs, note = () => {}, shards }: ServerOptions) {
    this.loop = loop;
    this.#random = random;
    this.#note = note;
    this.aheadMs = epochMs;
    this.#fill(shards);
  }

  /** By its own clock, in whole milliseconds since the epoch. */
  get nowMs(): number {
    return Math.floor(this.loop.nowMs + this.aheadMs);
  }

  /** Is called with each commit, after it. */
  watch(watcher: (changes: readonly RowChange[]) => void): void {
    this.#watchers.push(watcher);
  }

  /** @returns null when it takes no connections now */
  connect(name: string, settings: SessionSettings, closed: () => void): ServerSession | null {
    if (this.isDown) return null;
    const session = new ServerSession(this, name, settings, closed);
    this.#sessions.add(session);
    return session;
  }

  /** Ends every connection, and takes none until {@link rise}. What was committed stays. */
  crash(): void {
    this.isDown = true;
    for (const session of [...this.#sessions]) session.kill();
  }

  rise(): void {
    this.isDown = false;
  }

  /** Ends the connections of one client, as an operator's KILL does. */
  killSessionsOf(name: string): void {
    for (const session of [...this.#sessions]) if (session.name === name) session.kill();
  }

  forget(session: ServerSession): void {
    this.#sessions.delete(session);
    for (const [name, holder] of this.#named) if (holder === session) this.#named.delete(name);
  }

  takeNamed(name: string, session: ServerSession): boolean {
    const holder = this.#named.get(name) ?? session;
    this.#named.set(name, holder);
    return holder === session;
  }

  releaseNamed(name: string, session: ServerSession): void {
    if (this.#named.get(name) === session) this.#named.delete(name);
  }

  commit(writes: Writes): void {
    const changes = writes.changes(this.tables);
    this.tables.apply(changes);
    for (const watch of this.#watchers) watch(changes);
  }

  note(what: string): void {
    this.#note(what);
  }

  /** How long the server works on the next statement of a request, in milliseconds. */
  takesMs(sql: string): number {
    if (sql !== "commit") return 0;
    const { commitMs, stallChance, stallMsMax } = this.temper;
    if (stallChance > 0 && this.#random.chance(stallChance)) {
      const stallMs = this.#random.between(0, stallMsMax);
      this.#note(`a COMMIT stalls for ${Math.round(stallMs)} ms`);
      return stallMs;
    }
    return commitMs;
  }

  /** A failure that comes from nowhere; null: none. */
  failsWith(sql: string): Outcome | null {
    const { deadlockChance } = this.temper;
    if (deadlockChance === 0 || !/for update$|share mode$/.test(sql) || !this.#random.chance(deadlockChance))
      return null;
    return { ok: false, code: "ER_LOCK_DEADLOCK", kind: "passing", message: "Deadlock found" };
  }

  /** Whether a COMMIT in whose midst the connection or the server ends was done: nobody can know beforehand. */
  isCommitKept(): boolean {
    return this.#random.chance(0.5);
  }

  #fill(shards: readonly number[] | undefined): void {
    for (const { sql, values } of SCHEMA.fillings) {
      const statement = statementOf(sql);
      if (statement.kind !== "run") continue;
      const running: Running = {
        values,
        nowMs: this.nowMs,
        rowsOf: () => [],
        row: (schema, key) => this.tables.rows(schema.name).get(key),
        lock: () => {},
        takeNamed: () => true,
        releaseNamed: () => {},
        write: (schema, key, row) => {
          const isKept =
            schema.name !== "shards" ||
            shards === undefined ||
            (row !== null && shards.includes(keyOf(schema, row) as number));
          if (isKept) this.tables.apply([{ table: schema.name, key, before: null, after: row }]);
        },
      };
      statement.run(running);
    }
  }
}

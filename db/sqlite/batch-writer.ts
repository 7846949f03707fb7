/** Owns the commit of a batch on SQLite: fences, versions and all rows in one transaction; guards I2, I3, I6 in the database. */

import { type Database, SQLiteError, type SQLQueryBindings, type Statement } from "bun:sqlite";
import { type Cell, INSERT_ENTRIES, STATEMENT_NAMES, STATEMENTS, type StatementName } from "../batch-rows.ts";
import { CellReader, CHANGE_CELLS } from "./batch-cells.ts";
import type { MemberIndex } from "./member-index.ts";

/** {@link CommitOutcome} of the journal, with a cause that can travel between threads. */
export type WriteOutcome =
  | { readonly kind: "committed" }
  | { readonly kind: "lost" | "rewound"; readonly flights: readonly string[] }
  | { readonly kind: "passing" | "unknown" | "violated"; readonly cause: string };

/** A row that should have been there was not: nothing of the batch may stay. */
class MissingRow extends Error {}

export class BatchWriter {
  readonly #database: Database;
  /** In the order of {@link STATEMENT_NAMES}. */
  readonly #statements: readonly {
    readonly name: StatementName;
    readonly prepared: Statement;
    readonly columns: number;
  }[];
  readonly #shard: Statement<{ epoch: number; owner: string | null }, [number]>;
  readonly #head: Statement<{ version: number; next_deadline_ms: number | null }, [string]>;
  readonly #batchAt: Statement<{ batch: string }, [string, number]>;
  readonly #addJournal: Statement;
  readonly #moveHead: Statement;
  readonly #moveHeadAndDeadline: Statement;

  readonly #memberIndex: MemberIndex;

  constructor(database: Database, memberIndex: MemberIndex) {
    this.#database = database;
    this.#memberIndex = memberIndex;
    this.#statements = STATEMENT_NAMES.map((name) => {
      const { sql, columns } = STATEMENTS[name];
      return { name, prepared: database.prepare(sql), columns };
    });
    this.#shard = database.prepare("select epoch, owner from shards where shard = ?");
    this.#head = database.prepare("select version, next_deadline_ms from flight_head where flight_id = ?");
    this.#batchAt = database.prepare("select batch from journal where flight_id = ? and version = ?");
    this.#addJournal = database.prepare(`${INSERT_ENTRIES}(?, ?, ?, ?, ?, ?, ?)`);
    this.#moveHead = database.prepare(
      "update flight_head set version = ?, last_batch = ?, logical_ms = ?, cabins = ? where flight_id = ?",
    );
    this.#moveHeadAndDeadline = database.prepare(
      "update flight_head set version = ?, last_batch = ?, logical_ms = ?, cabins = ?, next_deadline_ms = ? where flight_id = ?",
    );
  }

  /** @param cells as `batchCells` makes them */
  write(cells: readonly Cell[], isRepeat: boolean): WriteOutcome {
    let isCommitting = false;
    try {
      // A deferred transaction would fail at its first write when another connection has written since its first read.
      this.#database.run("begin immediate");
      if (isRepeat && this.#hasCommitted(new CellReader(cells))) return this.#giveUp({ kind: "committed" });
      const { lost, rewound } = this.#run(new CellReader(cells));
      if (lost.length > 0) return this.#giveUp({ kind: "lost", flights: lost });
      if (rewound.length > 0) return this.#giveUp({ kind: "rewound", flights: rewound });
      this.#memberIndex.withCommit();
      isCommitting = true;
      this.#database.run("commit");
      return { kind: "committed" };
    } catch (cause) {
      return this.#giveUp(outcomeOf(cause, isCommitting));
    }
  }

  #giveUp(outcome: WriteOutcome): WriteOutcome {
    if (this.#database.inTransaction) this.#database.run("rollback");
    this.#memberIndex.undone();
    return outcome;
  }

  /** Whether this very batch is in the journal. Its first flight that writes tells for all, since it is one transaction. */
  #hasCommitted(cells: CellReader): boolean {
    const id = cells.text();
    cells.text();
    cells.row(2 * cells.number());
    for (let left = cells.number(); left > 0; left--) {
      const flightId = cells.text();
      cells.number();
      const base = cells.number();
      if (cells.number() === 1) return this.#batchAt.get(flightId, base + 1)?.batch === id;
    }
    return false;
  }

  /** Checks and writes flight by flight; once one is not where the batch was decided, the rest is only checked. Gives those that are not. */
  #run(cells: CellReader): { readonly lost: readonly string[]; readonly rewound: readonly string[] } {
    const id = cells.text();
    const fenced = this.#fenced(cells.text(), cells);
    const lost: string[] = [];
    const rewound: string[] = [];
    for (let left = cells.number(); left > 0; left--) {
      const flightId = cells.text();
      const shard = cells.number();
      const base = cells.number();
      const head = this.#head.get(flightId);
      // One that has been sold from and has no head is back before its beginning.
      const known = head?.version ?? (base > 0 ? 0 : null);
      if (fenced.has(shard) || known === null || known > base) lost.push(flightId);
      else if (known < base) rewound.push(flightId);
      const isWriting = lost.length + rewound.length === 0;
      if (cells.number() === 0) continue;
      const [logicalMs = null, schema = null, turns = null, kinds = null, nextDeadlineMs = null, cabins = null] =
        cells.row(CHANGE_CELLS);
      this.#writeRows(cells, isWriting);
      if (!isWriting) continue;
      const version = base + 1;
      this.#addJournal.run(flightId, version, id, logicalMs, schema, turns, kinds);
      // The deadline is indexed, and seldom what changes.
      if (head?.next_deadline_ms === nextDeadlineMs) this.#moveHead.run(version, id, logicalMs, cabins, flightId);
      else this.#moveHeadAndDeadline.run(version, id, logicalMs, cabins, nextDeadlineMs, flightId);
    }
    return { lost, rewound };
  }

  #fenced(owner: string, cells: CellReader): ReadonlySet<number> {
    const fenced = new Set<number>();
    for (let left = cells.number(); left > 0; left--) {
      const number = cells.number();
      const epoch = cells.number();
      const shard = this.#shard.get(number);
      if (shard === null || shard.epoch !== epoch || shard.owner !== owner) fenced.add(number);
    }
    return fenced;
  }

  #writeRows(cells: CellReader, isWriting: boolean): void {
    for (const { name, prepared, columns } of this.#statements) {
      for (let rows = cells.number(); rows > 0; rows--) {
        const row = cells.row(columns);
        if (isWriting && prepared.run(...(row as SQLQueryBindings[])).changes !== 1) {
          throw new MissingRow(`nothing was changed by: ${prepared.toString()}`);
        }
        if (isWriting && name === "insertReservation") this.#memberIndex.made(String(row[0]), String(row[2]));
      }
    }
  }
}

function outcomeOf(cause: unknown, isCommitting: boolean): WriteOutcome {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof MissingRow) return { kind: "violated", cause: text };
  if (!(cause instanceof SQLiteError)) throw cause;
  if (cause.code?.startsWith("SQLITE_CONSTRAINT")) return { kind: "violated", cause: text };
  if (cause.code?.startsWith("SQLITE_IOERR") && isCommitting) return { kind: "unknown", cause: text };
  return { kind: "passing", cause: `${cause.code}: ${text}` };
}

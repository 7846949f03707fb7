/** Owns the commit of a batch on SQLite: fences, versions and all rows in one transaction; guards I2, I3, I6 in the database. */

import { type Database, SQLiteError, type SQLQueryBindings, type Statement } from "bun:sqlite";
import type { BatchRows, FlightRows, StatementName } from "./batch-rows.ts";

/** {@link CommitOutcome} of the journal, with a cause that can travel between threads. */
export type WriteOutcome =
  | { readonly kind: "committed" }
  | { readonly kind: "lost"; readonly flights: readonly string[] }
  | { readonly kind: "passing" | "unknown" | "violated"; readonly cause: string };

const STATEMENTS: Record<StatementName, string> = {
  removeClaim: "delete from seat_claim where flight_id = ? and seat = ? and reservation_id = ?",
  addClaim: "insert into seat_claim values (?, ?, ?)",
  insertReservation: "insert into reservation values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  updateReservation: "update reservation set status = ? where id = ?",
  insertPassenger: "insert into passenger values (?, ?, ?, ?)",
  insertPayment: "insert into payment values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
  updatePayment:
    "update payment set status = ?, captured_amount = ?, captured_currency = ?, refund_reason = ?, checkout_url = ?, next_look_ms = ?, looks = 0 where id = ?",
  insertTicket: "insert into ticket values (?, ?, ?, ?)",
  updateTicket: "update ticket set status = ? where reservation_id = ? and ordinal = ?",
};

/** A row that should have been there was not: nothing of the batch may stay. */
class MissingRow extends Error {}

export class BatchWriter {
  readonly #database: Database;
  readonly #statements: Record<StatementName, Statement>;
  readonly #shard: Statement<{ epoch: number; owner: string | null }, [number]>;
  readonly #head: Statement<{ version: number }, [string]>;
  readonly #batchAt: Statement<{ batch: string }, [string, number]>;
  readonly #addJournal: Statement;
  readonly #moveHead: Statement;

  constructor(database: Database) {
    this.#database = database;
    const prepared = Object.entries(STATEMENTS).map(([name, sql]) => [name, database.prepare(sql)]);
    this.#statements = Object.fromEntries(prepared) as Record<StatementName, Statement>;
    this.#shard = database.prepare("select epoch, owner from shards where shard = ?");
    this.#head = database.prepare("select version from flight_head where flight_id = ?");
    this.#batchAt = database.prepare("select batch from journal where flight_id = ? and version = ?");
    this.#addJournal = database.prepare("insert into journal values (?, ?, ?, ?, ?, ?)");
    this.#moveHead = database.prepare(
      "update flight_head set version = ?, last_batch = ?, logical_ms = ?, next_deadline_ms = ?, cabins = ? where flight_id = ?",
    );
  }

  write(batch: BatchRows, isRepeat: boolean): WriteOutcome {
    let isCommitting = false;
    try {
      // A deferred transaction would fail at its first write when another connection has written since its first read.
      this.#database.run("begin immediate");
      if (isRepeat && this.#hasCommitted(batch)) return this.#giveUp({ kind: "committed" });
      const lost = this.#lost(batch);
      if (lost.length > 0) return this.#giveUp({ kind: "lost", flights: lost });
      for (const flight of batch.flights) this.#writeFlight(flight);
      isCommitting = true;
      this.#database.run("commit");
      return { kind: "committed" };
    } catch (cause) {
      return this.#giveUp(outcomeOf(cause, isCommitting));
    }
  }

  #giveUp(outcome: WriteOutcome): WriteOutcome {
    if (this.#database.inTransaction) this.#database.run("rollback");
    return outcome;
  }

  /** Whether this very batch is in the journal: one flight that it wrote tells for all, since it is one transaction. */
  #hasCommitted(batch: BatchRows): boolean {
    const written = batch.flights.find(({ writes }) => writes !== null);
    return written !== undefined && this.#batchAt.get(written.flightId, written.base + 1)?.batch === batch.id;
  }

  #lost({ owner, fences, flights }: BatchRows): string[] {
    const fenced = new Set<number>();
    for (const [number, epoch] of fences) {
      const shard = this.#shard.get(number);
      if (shard === null || shard.epoch !== epoch || shard.owner !== owner) fenced.add(number);
    }
    return flights
      .filter(({ flightId, shard, base }) => fenced.has(shard) || this.#head.get(flightId)?.version !== base)
      .map(({ flightId }) => flightId);
  }

  #writeFlight({ writes }: FlightRows): void {
    if (writes === null) return;
    for (const { statement, rows } of writes.tables) {
      const prepared = this.#statements[statement];
      for (const row of rows) {
        if (prepared.run(...(row as SQLQueryBindings[])).changes !== 1)
          throw new MissingRow(`${statement}: ${row.join(" ")}`);
      }
    }
    this.#addJournal.run(...(writes.journal as SQLQueryBindings[]));
    this.#moveHead.run(...(writes.head as SQLQueryBindings[]));
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

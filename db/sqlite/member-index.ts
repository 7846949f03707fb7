/**
 * Owns which reservations are a member's, on SQLite: an index that follows the table instead of standing in its way.
 *
 * Members come in no order, so an index over them touches another page for nearly every reservation, and each page goes whole into
 * the write-ahead log: measured, it costs more than all other rows of a reservation together. So new reservations wait, unindexed,
 * at the end of their table (its key rises with time), where a reader scans them; they are indexed in sorted runs, a slice after
 * each commit once enough have gathered. The view `reservation_of_member` shows both parts as one.
 */

import type { Database, Statement } from "bun:sqlite";

/** Reservations that one run sorts and indexes. */
const RUN_ROWS = 8_192;

/** Rows that one commit indexes at most, so that no commit waits long. */
const SLICE_ROWS = 192;

interface Entry {
  readonly member_id: string;
  readonly id: string;
}

export class MemberIndex {
  readonly #database: Database;
  readonly #unindexed: Statement<Entry, [number]>;
  readonly #add: Statement<unknown, [string, string]>;
  readonly #finish: Statement<unknown, [string]>;
  /** What is left of the current run, sorted by member, last first. */
  #run: Entry[] = [];
  #runEnd: string | null = null;
  #commitsUntilLook = 0;

  constructor(database: Database) {
    this.#database = database;
    this.#unindexed = database.prepare(
      "select member_id, id from reservation where id > (select indexed_to from member_index_state) order by id limit ?",
    );
    this.#add = database.prepare("insert or ignore into reservation_by_member values (?, ?)");
    this.#finish = database.prepare("update member_index_state set indexed_to = ?");
  }

  /** Does a bounded piece of work. */
  afterCommit(): void {
    if (this.#run.length === 0 && !this.#begin()) return;
    const slice = this.#run.splice(-SLICE_ROWS);
    this.#database.run("begin immediate");
    for (const { member_id, id } of slice) this.#add.run(member_id, id);
    // A crash before this line repeats the run, which finds its rows there already.
    if (this.#run.length === 0 && this.#runEnd !== null) this.#finish.run(this.#runEnd);
    this.#database.run("commit");
  }

  #begin(): boolean {
    if (this.#commitsUntilLook-- > 0) return false;
    const entries = this.#unindexed.all(RUN_ROWS);
    if (entries.length < RUN_ROWS) {
      this.#commitsUntilLook = Math.ceil((RUN_ROWS - entries.length) / SLICE_ROWS);
      return false;
    }
    this.#runEnd = entries.at(-1)?.id ?? null;
    this.#run = entries.sort((a, b) => (a.member_id < b.member_id ? 1 : -1));
    return true;
  }
}

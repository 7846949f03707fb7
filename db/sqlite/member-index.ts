/**
 * Owns which reservations are a member's, on SQLite: an index that follows the table instead of standing in its way.
 *
 * Members come in no order, so an index over them touches another page for nearly every reservation, and each page goes whole into
 * the write-ahead log: measured, it costs more than all other rows of a reservation together. So new reservations wait, unindexed,
 * at the end of their table (its key rises with time), where a reader scans them. They are indexed in long sorted runs, which touch
 * each page once: a slice with each commit while a crowd buys, and the rest as soon as it is quiet. The view
 * `reservation_of_member` shows both parts as one.
 */

import type { Database, Statement } from "bun:sqlite";

/** Reservations that are sorted and indexed together while the commits keep coming. */
const RUN_ROWS = 32_768;

/** Rows that one commit indexes at most, so that none waits long. */
const SLICE_ROWS = 256;

interface Entry {
  readonly member_id: string;
  readonly id: string;
}

export class MemberIndex {
  readonly #unindexed: Statement<Entry, [number]>;
  readonly #add: Statement<unknown, [string, string]>;
  readonly #finish: Statement<unknown, [string]>;
  /** What is left of the current run, sorted by member, last first. */
  #run: Entry[] = [];
  /** Every reservation up to here is indexed, or in the current run. */
  #covered: string;
  /** Reservations that came since the run began, or about as many. */
  #waiting = 0;

  constructor(database: Database) {
    this.#unindexed = database.prepare(
      "select member_id, id from reservation where id > (select indexed_to from member_index_state) order by id limit ?",
    );
    this.#add = database.prepare("insert or ignore into reservation_by_member values (?, ?)");
    this.#finish = database.prepare("update member_index_state set indexed_to = ?");
    this.#covered =
      database.query<{ indexed_to: string }, []>("select indexed_to from member_index_state").get()?.indexed_to ?? "";
    this.#waiting = this.#unindexed.all(RUN_ROWS).length;
  }

  /** Told of each new reservation, within the transaction that makes it. */
  made(id: string, member: string): void {
    // Keys rise, but for a clock that was set back over a restart: then the tail is not where it would be looked for.
    if (id <= this.#covered) this.#add.run(member, id);
    else this.#waiting += 1;
  }

  /** Does a slice within the transaction that is open, if enough wait. */
  withCommit(): void {
    if (this.#run.length === 0 && this.#waiting < RUN_ROWS) return;
    this.#slice();
  }

  /** Does a slice, however few wait, within the transaction that is open. @returns whether there may be more */
  whenQuiet(): boolean {
    if (this.#waiting === 0 && this.#run.length === 0) return false;
    this.#slice();
    return true;
  }

  /** The transaction was undone, and perhaps a slice with it: the run is read anew. */
  undone(): void {
    this.#run = [];
  }

  #slice(): void {
    if (this.#run.length === 0 && !this.#begin()) return;
    for (const { member_id, id } of this.#run.splice(-SLICE_ROWS)) this.#add.run(member_id, id);
    // A crash before this line repeats the run, which finds its rows there already.
    if (this.#run.length === 0) this.#finish.run(this.#covered);
  }

  /** Reads the next run. @returns whether there is one */
  #begin(): boolean {
    const entries = this.#unindexed.all(RUN_ROWS);
    this.#waiting = entries.length < RUN_ROWS ? 0 : Math.max(0, this.#waiting - entries.length);
    const last = entries.at(-1);
    if (last === undefined) return false;
    this.#covered = last.id;
    this.#run = entries.sort((a, b) => (a.member_id < b.member_id ? 1 : -1));
    return true;
  }
}

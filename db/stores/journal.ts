/** Owns the choice of the journal that belongs to a database. */

import type { Journal } from "../../actors/journal.ts";
import type { OpenDatabase } from "../open.ts";
import { MysqlJournal } from "./mysql-journal.ts";
import { SqliteJournal } from "./sqlite-journal.ts";

/** The journal of a process: it commits one batch at a time, on a connection of its own. */
export function journalOn(db: OpenDatabase): Journal {
  return db.dialect === "mysql" ? new MysqlJournal(db) : new SqliteJournal(db.writer, db.read, db.write);
}

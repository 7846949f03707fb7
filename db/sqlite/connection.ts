/** Owns how the SQLite file is opened: durable at every commit, readers beside the one writer. */

import { Database } from "bun:sqlite";
import { usedAs } from "../../actors/settings.ts";

/** How long a connection waits for another process's transaction, such as an import's, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

/** Pages kept in memory, in KiB. */
const CACHE_KIB = 16_384;

/**
 * Of a new file; one that is there keeps its own. A commit writes each page that it touched with a call of its own, and twice as large
 * ones gave a quarter more commits at 64 in flight; larger ones still, none.
 */
const PAGE_BYTES = 8_192;

/** Pages of the write-ahead log that are carried over together: a page that many commits touch is carried once. @default of SQLite: 1_000 */
const CHECKPOINT_PAGES = 2_000;

export function openWriter(file: string): Database {
  const database = new Database(file, { create: true, strict: true });
  // Before all else: another process may be opening or closing the file just now.
  usedAs("DATABASE_URL", () => configure(database));
  database.run(`pragma page_size = ${PAGE_BYTES}`);
  database.run("pragma journal_mode = wal");
  // FULL: a commit that was answered is on the disk, and no power cut takes it back.
  database.run("pragma synchronous = full");
  database.run(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  return database;
}

/** A connection that only reads what is committed; the file must exist. */
export function openReader(file: string): Database {
  const database = new Database(file, { readonly: true, strict: true });
  configure(database);
  return database;
}

function configure(database: Database): void {
  database.run(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
  database.run(`pragma cache_size = -${CACHE_KIB}`);
}

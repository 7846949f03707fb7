/** Owns the question whether a commit that the database acknowledged survives a power failure: asked at the start, and by whoever asks whether the server is ready. */

import { sql } from "kysely";
import type { OpenDatabase } from "./open.ts";

/** What is wrong, in words for an operator, with the setting that would mend it; null when a commit is durable. */
export async function durabilityProblem(db: OpenDatabase): Promise<string | null> {
  // A file is opened with `synchronous = full` by every connection of ours that writes.
  if (db.dialect === "sqlite") return null;
  const { rows } = await sql<{ Variable_name: string; Value: string }>`
    show global variables where Variable_name in
      ('innodb_flush_log_at_trx_commit', 'log_bin', 'sync_binlog', 'binlog_format')`.execute(db.read);
  const values = new Map(rows.map((row) => [row.Variable_name, row.Value]));
  const flush = values.get("innodb_flush_log_at_trx_commit");
  if (flush !== "1") {
    return `the database may lose commits that it has acknowledged: innodb_flush_log_at_trx_commit is ${flush}, and must be 1`;
  }
  if (values.get("log_bin") !== "ON") return null;
  const sync = values.get("sync_binlog");
  if (sync !== "1")
    return `the database may lose commits that it has acknowledged: sync_binlog is ${sync}, and must be 1`;
  if (values.get("binlog_format") === "STATEMENT") {
    return "the database takes no commits: binlog_format is STATEMENT, and must be ROW or MIXED";
  }
  return null;
}

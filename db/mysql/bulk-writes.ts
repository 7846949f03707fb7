/**
 * Owns the statements that write a batch on MariaDB: one for each table, sent once with all its rows. Measured beside statements of many
 * rows, over 64 flights, 100 holds a batch: 0.8 of the connector's time and 0.87 of the server's.
 */

import type { Batch } from "../../actors/journal.ts";
import { batchRows, ENTRY_COLUMNS, INSERT_ENTRIES, type Row, STATEMENT_NAMES, STATEMENTS } from "../batch-rows.ts";
import { INSERT_HEADS, MOVE_HEADS, marks, type Write } from "./batch-statements.ts";

const HEAD_COLUMNS = 7;

export function bulkWrites(batch: Batch): Write[] {
  const { journal, heads, projections } = batchRows(batch);
  return [
    ...write(`${INSERT_ENTRIES}(${marks(ENTRY_COLUMNS)})`, journal),
    ...STATEMENT_NAMES.flatMap((name) => write(STATEMENTS[name].sql, projections[name])),
    ...write(`${INSERT_HEADS}(${marks(HEAD_COLUMNS)})${MOVE_HEADS}`, heads).map((heads) => ({
      ...heads,
      affects: null,
    })),
  ];
}

function write(sql: string, rows: readonly Row[]): Write[] {
  return rows.length === 0 ? [] : [{ sql, rows, affects: rows.length }];
}

/** Owns the rows that a batch writes, gathered by table over all its flights: the very rows that SQLite is given. */

import type { Batch } from "../../actors/journal.ts";
import {
  batchCells,
  type Cell,
  CellReader,
  STATEMENT_NAMES,
  STATEMENTS,
  type StatementName,
} from "../sqlite/batch-cells.ts";

export type Row = readonly Cell[];

export interface BatchRows {
  readonly journal: readonly Row[];
  readonly heads: readonly Row[];
  readonly projections: Readonly<Record<StatementName, readonly Row[]>>;
}

export function batchRows(batch: Batch): BatchRows {
  const journal: Row[] = [];
  const heads: Row[] = [];
  const projections = Object.fromEntries(STATEMENT_NAMES.map((name) => [name, [] as Row[]])) as Record<
    StatementName,
    Row[]
  >;
  const cells = new CellReader(batchCells(batch));
  const id = cells.text();
  cells.text();
  cells.row(2 * cells.number());
  for (let left = cells.number(); left > 0; left--) {
    const flightId = cells.text();
    const shard = cells.number();
    const version = cells.number() + 1;
    if (cells.number() === 0) continue;
    const [logicalMs = null, schema = null, turns = null, nextDeadlineMs = null, cabins = null] = cells.row(5);
    journal.push([flightId, version, id, logicalMs, schema, turns]);
    heads.push([flightId, shard, version, id, logicalMs, nextDeadlineMs, cabins]);
    for (const name of STATEMENT_NAMES) {
      for (let rows = cells.number(); rows > 0; rows--) projections[name].push(cells.row(STATEMENTS[name].columns));
    }
  }
  return { journal, heads, projections };
}

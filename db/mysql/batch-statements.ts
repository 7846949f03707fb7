/** Owns the statements that write a batch on MySQL: the rows that SQLite gets, gathered by table over all flights, many rows a statement. */

import { assert, present } from "../../actors/assert.ts";
import type { Batch } from "../../actors/journal.ts";
import {
  batchCells,
  type Cell,
  CellReader,
  STATEMENT_NAMES,
  STATEMENTS,
  type StatementName,
} from "../sqlite/batch-cells.ts";
import type { Statement } from "./dedicated.ts";

/** A statement, and how many rows it must find or make; null where that says nothing. */
export interface Write extends Statement {
  readonly affects: number | null;
}

/**
 * Rows of a statement are a multiple of the step, or fewer than the step: each size is prepared once and kept by the server. Every size
 * up to 256 would be 9 % faster at 256 holds a batch, and take 380 MB of the server's memory for each host instead of 30.
 */
const ROWS_STEP = 64;
const ROWS_MAX = 4 * ROWS_STEP;

/** What the protocol can count. The widest row has 12 values. */
const PLACEHOLDERS_MAX = 65_535;

export function batchWrites(batch: Batch): Write[] {
  const { journal, heads, tables } = gather(batch);
  const values = (name: StatementName): readonly Cell[] => tables[name];
  return [
    ...inserts("insert into journal values ", "", 6, journal),
    // A seat changes hands within a batch only if its old claim goes first.
    ...byAlternatives(
      "delete from seat_claim where ",
      "flight_id = ? and seat = ? and reservation_id = ?",
      3,
      values("removeClaim"),
    ),
    ...inserts("insert into seat_claim values ", "", 3, values("addClaim")),
    ...inserts("insert into reservation values ", "", 10, values("insertReservation")),
    ...byStatus("update reservation set status = ? where ", "id = ?", 2, values("updateReservation")),
    ...inserts("insert into passenger values ", "", 4, values("insertPassenger")),
    ...inserts("insert into payment values ", "", 12, values("insertPayment"), ", 0"),
    ...oneByOne(STATEMENTS.updatePayment.sql, STATEMENTS.updatePayment.columns, values("updatePayment")),
    ...inserts("insert into ticket values ", "", 4, values("insertTicket")),
    ...byStatus("update ticket set status = ? where ", "reservation_id = ? and ordinal = ?", 3, values("updateTicket")),
    // Every head is there, and locked: this is an update of many rows, each to values of its own.
    ...inserts("insert into flight_head values ", MOVE_HEADS, 7, heads).map((write) => ({ ...write, affects: null })),
  ];
}

const MOVE_HEADS =
  " on duplicate key update version = values(version), last_batch = values(last_batch), logical_ms = values(logical_ms)," +
  " next_deadline_ms = values(next_deadline_ms), cabins = values(cabins)";

interface Gathered {
  readonly journal: Cell[];
  readonly heads: Cell[];
  readonly tables: Record<StatementName, Cell[]>;
}

/** Reads the cells of `batchCells`, so that both databases are given the very same rows. */
function gather(batch: Batch): Gathered {
  const journal: Cell[] = [];
  const heads: Cell[] = [];
  const tables = Object.fromEntries(STATEMENT_NAMES.map((name) => [name, [] as Cell[]])) as Gathered["tables"];
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
    journal.push(flightId, version, id, logicalMs, schema, turns);
    heads.push(flightId, shard, version, id, logicalMs, nextDeadlineMs, cabins);
    for (const name of STATEMENT_NAMES) {
      const rows = cells.number();
      if (rows > 0) tables[name].push(...cells.row(rows * STATEMENTS[name].columns));
    }
  }
  return { journal, heads, tables };
}

/** @param literals what follows the placeholders of each row */
function inserts(before: string, after: string, columns: number, values: readonly Cell[], literals = ""): Write[] {
  return chunks(columns, values, 0).map((rows) => ({
    sql: cached(`${before}|${after}`, rows.length / columns, (count) => {
      const row = `(${Array(columns).fill("?").join(", ")}${literals})`;
      return before + Array(count).fill(row).join(", ") + after;
    }),
    values: rows,
    affects: rows.length / columns,
  }));
}

/** One statement for many rows that are each named by all of `columns`. */
function byAlternatives(
  before: string,
  condition: string,
  columns: number,
  values: readonly Cell[],
  first: readonly Cell[] = [],
): Write[] {
  return chunks(columns, values, first.length).map((rows) => ({
    sql: cached(
      before + condition,
      rows.length / columns,
      (count) => before + Array(count).fill(`(${condition})`).join(" or "),
    ),
    values: [...first, ...rows],
    affects: rows.length / columns,
  }));
}

/** Updates of one column, its value first in each row: one statement for each of the few values that there are. */
function byStatus(before: string, condition: string, columns: number, values: readonly Cell[]): Write[] {
  const byValue = new Map<Cell, Cell[]>();
  for (let at = 0; at < values.length; at += columns) {
    const [status = null, ...key] = values.slice(at, at + columns);
    const keys = byValue.get(status);
    if (keys === undefined) byValue.set(status, key);
    else keys.push(...key);
  }
  return Array.from(byValue, ([status, keys]) => byAlternatives(before, condition, columns - 1, keys, [status])).flat();
}

function oneByOne(sql: string, columns: number, values: readonly Cell[]): Write[] {
  const writes: Write[] = [];
  for (let at = 0; at < values.length; at += columns)
    writes.push({ sql, values: values.slice(at, at + columns), affects: 1 });
  return writes;
}

/** Cuts rows into statements of the sizes that are kept prepared. */
function chunks(columns: number, values: readonly Cell[], others: number): (readonly Cell[])[] {
  const cut: (readonly Cell[])[] = [];
  for (let at = 0; at < values.length; ) {
    const left = (values.length - at) / columns;
    const rows = left < ROWS_STEP ? left : Math.min(ROWS_MAX, left - (left % ROWS_STEP));
    assert(rows * columns + others <= PLACEHOLDERS_MAX, "a statement's values can be counted");
    cut.push(values.slice(at, at + rows * columns));
    at += rows * columns;
  }
  return cut;
}

/** Texts of statements by what they do and how many rows they do it to: few, since sizes are. */
const texts = new Map<string, Map<number, string>>();

export function cached(key: string, count: number, make: (count: number) => string): string {
  let bySize = texts.get(key);
  if (bySize === undefined) {
    bySize = new Map();
    texts.set(key, bySize);
  }
  const known = bySize.get(count);
  if (known !== undefined) return known;
  bySize.set(count, make(count));
  return present(bySize.get(count), "the text that was made");
}

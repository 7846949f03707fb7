/** Owns the statements that write a batch on MySQL, which takes many rows only as a part of the statement's text. */

import { assert, present } from "../../actors/assert.ts";
import type { Batch } from "../../actors/journal.ts";
import { type BatchRows, batchRows, type Cell, INSERT_ENTRIES, type Row, STATEMENTS } from "../batch-rows.ts";
import type { Statement } from "./dedicated.ts";

/** A statement, and how many rows it must find or make; null where that says nothing. */
export interface Write extends Statement {
  readonly affects: number | null;
}

/**
 * Rows of a statement are a multiple of the step, or fewer than the step: each size is prepared once and kept by the server. Every size
 * up to 256 would be 9 % faster at 256 holds a batch, and take 380 MB of the server's memory for each host instead of 30.
 */
export const ROWS_STEP = 64;
const ROWS_MAX = 4 * ROWS_STEP;

/** What the protocol can count. The widest row has 12 values. */
const PLACEHOLDERS_MAX = 65_535;

export const INSERT_HEADS = "insert into flight_head values ";

/** A head that is where the batch has it: to lock, to compare and to move it is one step. */
const MOVE_HEAD =
  "update flight_head set version = ?, last_batch = ?, logical_ms = ?, next_deadline_ms = ?, cabins = ? where flight_id = ? and version = ?";

/** Every head is there, and locked: this is an update of many rows, each to values of its own. */
export const MOVE_HEADS =
  " on duplicate key update version = values(version), last_batch = values(last_batch), logical_ms = values(logical_ms)," +
  " next_deadline_ms = values(next_deadline_ms), cabins = values(cabins)";

export function batchWrites(batch: Batch): Write[] {
  const rows = batchRows(batch);
  return [
    ...rowWrites(rows),
    ...inserts(INSERT_HEADS, MOVE_HEADS, rows.heads).map((write) => ({ ...write, affects: null })),
  ];
}

/** One statement a flight: cheaper than to lock and to compare some of them together, and then to move them together. */
export function headMoves({ heads }: BatchRows): Write[] {
  return heads.map(([flightId = null, , version = null, ...rest]) => ({
    sql: MOVE_HEAD,
    values: [version, ...rest, flightId, Number(version) - 1],
    affects: 1,
  }));
}

/** All but the heads. */
export function rowWrites({ journal, projections }: BatchRows): Write[] {
  return [
    ...inserts(INSERT_ENTRIES, "", journal),
    // A seat changes hands within a batch only if its old claim goes first.
    ...byAlternatives(
      "delete from seat_claim where ",
      "flight_id = ? and seat = ? and reservation_id = ?",
      projections.removeClaim,
    ),
    ...inserts("insert into seat_claim values ", "", projections.addClaim),
    ...inserts("insert into reservation values ", "", projections.insertReservation),
    ...byStatus("update reservation set status = ? where ", "id = ?", projections.updateReservation),
    ...inserts("insert into passenger values ", "", projections.insertPassenger),
    ...inserts("insert into payment values ", "", projections.insertPayment, ", 0"),
    ...projections.updatePayment.map((values) => ({ sql: STATEMENTS.updatePayment.sql, values, affects: 1 })),
    ...inserts("insert into ticket values ", "", projections.insertTicket),
    ...byStatus("update ticket set status = ? where ", "reservation_id = ? and ordinal = ?", projections.updateTicket),
  ];
}

/** @param literals what follows the placeholders of each row */
function inserts(before: string, after: string, rows: readonly Row[], literals = ""): Write[] {
  return chunks(rows, 0).map((chunk) => ({
    sql: cached(`${before}|${after}`, chunk.length, (count) => {
      const row = `(${marks(chunk[0]?.length ?? 0)}${literals})`;
      return before + Array(count).fill(row).join(", ") + after;
    }),
    values: chunk.flat(),
    affects: chunk.length,
  }));
}

/** One statement for many rows that are each named by all of `rows`. */
function byAlternatives(before: string, condition: string, rows: readonly Row[], first: readonly Cell[] = []): Write[] {
  return chunks(rows, first.length).map((chunk) => ({
    sql: cached(before + condition, chunk.length, (count) => before + alternatives(condition, count)),
    values: [...first, ...chunk.flat()],
    affects: chunk.length,
  }));
}

/** Updates of one column, its value first in each row: one statement for each of the few values that there are. */
function byStatus(before: string, condition: string, rows: readonly Row[]): Write[] {
  return Array.from(byValue(rows), ([status, keys]) => byAlternatives(before, condition, keys, [status])).flat();
}

/** What is left of the rows, by their first value. */
export function byValue(rows: readonly Row[]): Map<Cell, Row[]> {
  const groups = new Map<Cell, Row[]>();
  for (const [value = null, ...rest] of rows) {
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [rest]);
    else group.push(rest);
  }
  return groups;
}

/** Cuts rows into statements of the sizes that are kept prepared. */
export function chunks(rows: readonly Row[], others: number): (readonly Row[])[] {
  const cut: (readonly Row[])[] = [];
  for (let at = 0; at < rows.length; ) {
    const left = rows.length - at;
    const count = left < ROWS_STEP ? left : Math.min(ROWS_MAX, left - (left % ROWS_STEP));
    assert(count * (rows[at]?.length ?? 0) + others <= PLACEHOLDERS_MAX, "a statement's values can be counted");
    cut.push(rows.slice(at, at + count));
    at += count;
  }
  return cut;
}

function alternatives(condition: string, count: number): string {
  return Array(count).fill(`(${condition})`).join(" or ");
}

export function marks(count: number): string {
  return Array(count).fill("?").join(", ");
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

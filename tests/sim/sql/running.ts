/** Owns what a statement runs in: the rows that its transaction sees, and the locks that it takes before it changes anything. */

import type { TableSchema } from "./schema.ts";
import type { Value } from "./syntax.ts";

export type Row = readonly Value[];

/** What names a row in its table: the value of a key of one column, or the texts of several. */
export type Key = string | number;

export type LockMode = "share" | "exclusive";

/** What a transaction is to a statement. */
export interface Running {
  readonly values: readonly Value[];
  /** By the database's clock. */
  readonly nowMs: number;
  rowsOf(table: TableSchema): Iterable<Row>;
  row(table: TableSchema, key: Key): Row | undefined;
  /** @throws Blocked when another transaction has the row: nothing was changed by then, and the statement is run anew when it is free */
  lock(table: TableSchema, key: Key, mode: LockMode): void;
  /** null takes the row away. */
  write(table: TableSchema, key: Key, row: Row | null): void;
  /** A lock that has a name, and is the session's until it ends. @returns whether it is now */
  takeNamed(name: string): boolean;
  releaseNamed(name: string): void;
}

export interface Result {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** Rows that were inserted, deleted, or found to be updated. */
  readonly affected: number;
}

export type Run = (running: Running) => Result;

/** What the server says to a statement that it can't run. */
export class SqlFailure extends Error {
  override readonly name = "SqlFailure";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function keyOf({ key }: TableSchema, row: Row): Key {
  const [first = 0, ...others] = key;
  if (others.length === 0) return row[first] as Key;
  return joined(key.map((at) => row[at] ?? null));
}

export function joined(parts: readonly Value[]): Key {
  const [first = null] = parts;
  return parts.length === 1 ? (first as Key) : parts.join("\u0000");
}

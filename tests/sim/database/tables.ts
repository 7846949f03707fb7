/** Owns the rows that are committed, and what a transaction sees and changes until it commits. */

import { present } from "../../../actors/assert.ts";
import { type Key, keyOf, type Row } from "../sql/running.ts";
import { SCHEMA, type TableSchema } from "../sql/schema.ts";

/** One row that a commit changed; null where there is none. */
export interface RowChange {
  readonly table: string;
  readonly key: Key;
  readonly before: Row | null;
  readonly after: Row | null;
}

type Rows = Map<Key, Row>;

/** Everything as it was committed at one moment. */
export type View = ReadonlyMap<string, ReadonlyMap<Key, Row>>;

export class Tables {
  readonly #rows = new Map<string, Rows>();
  /** Tables that a view looks at: the next change of one is made to a copy. */
  readonly #viewed = new Set<string>();

  constructor() {
    for (const name of SCHEMA.tables.keys()) this.#rows.set(name, new Map());
  }

  rows(table: string): ReadonlyMap<Key, Row> {
    return present(this.#rows.get(table), () => `a table ${table}`);
  }

  /** The row as objects are easier to read: for those who look from outside. */
  record(table: string, row: Row): Record<string, Row[number]> {
    const { columns } = present(SCHEMA.tables.get(table), () => `a table ${table}`);
    return Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null]));
  }

  view(): View {
    for (const name of this.#rows.keys()) this.#viewed.add(name);
    return new Map(this.#rows);
  }

  apply(changes: readonly RowChange[]): void {
    for (const { table, key, after } of changes) {
      const rows = this.#writable(table);
      if (after === null) rows.delete(key);
      else rows.set(key, after);
    }
  }

  #writable(table: string): Rows {
    const rows = present(this.#rows.get(table), () => `a table ${table}`);
    if (!this.#viewed.delete(table)) return rows;
    const copy = new Map(rows);
    this.#rows.set(table, copy);
    return copy;
  }
}

/** What one transaction has written and not committed. */
export class Writes {
  readonly #byTable = new Map<string, Map<Key, Row | null>>();

  get isEmpty(): boolean {
    return this.#byTable.size === 0;
  }

  set(table: string, key: Key, row: Row | null): void {
    const rows = this.#byTable.get(table);
    if (rows === undefined) this.#byTable.set(table, new Map([[key, row]]));
    else rows.set(key, row);
  }

  /** undefined: not touched; null: taken away. */
  row(table: string, key: Key): Row | null | undefined {
    return this.#byTable.get(table)?.get(key);
  }

  /** What is seen of a table by whoever wrote this. */
  *over(schema: TableSchema, committed: ReadonlyMap<Key, Row>): Iterable<Row> {
    const own = this.#byTable.get(schema.name);
    for (const row of committed.values()) {
      const written = own?.get(keyOf(schema, row));
      if (written === undefined) yield row;
      else if (written !== null) yield written;
    }
    for (const [key, row] of own ?? []) if (row !== null && !committed.has(key)) yield row;
  }

  touches(table: string): boolean {
    return this.#byTable.has(table);
  }

  changes(committed: Tables): RowChange[] {
    const changes: RowChange[] = [];
    for (const [table, rows] of this.#byTable) {
      const before = committed.rows(table);
      for (const [key, after] of rows) changes.push({ table, key, before: before.get(key) ?? null, after });
    }
    return changes;
  }
}

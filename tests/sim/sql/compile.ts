/** Owns how statements run: compiled once for each text, and then run on whatever rows there are. */

import { assert, present } from "../../../actors/assert.ts";
import { compileFind, conjuncts, type Find, inOrder } from "./access.ts";
import { compileExpression, type Env, type Evaluate, isKnownBefore, type Scope } from "./expressions.ts";
import { parse } from "./parse.ts";
import { type Key, keyOf, type Result, type Row, type Run, SqlFailure } from "./running.ts";
import { SCHEMA, type TableSchema } from "./schema.ts";
import type {
  Assignment,
  Delete,
  Expression,
  Insert,
  Item,
  Select,
  Setting,
  Source,
  Union,
  Update,
  Value,
} from "./syntax.ts";

export type Compiled =
  | { readonly kind: "run"; readonly run: Run; readonly isReading: boolean }
  | { readonly kind: "commit" | "rollback" }
  | Setting;

const compiled = new Map<string, Compiled>();

/** @throws Error for what the simulated database does not understand */
export function statementOf(sql: string): Compiled {
  const known = compiled.get(sql);
  if (known !== undefined) return known;
  const made = compile(sql);
  compiled.set(sql, made);
  return made;
}

function compile(sql: string): Compiled {
  const parsed = parse(sql);
  switch (parsed.kind) {
    case "select":
      return { kind: "run", run: select(parsed), isReading: parsed.locking === "none" };
    case "union":
      return { kind: "run", run: union(parsed), isReading: parsed.selects.every(({ locking }) => locking === "none") };
    case "insert":
      return { kind: "run", run: insert(parsed), isReading: false };
    case "update":
      return { kind: "run", run: update(parsed), isReading: false };
    case "delete":
      return { kind: "run", run: remove(parsed), isReading: false };
    case "set":
      return parsed;
    default:
      return { kind: parsed.kind };
  }
}

const NO_ROWS: Env = { rows: [], outer: null, inserted: null };

function schemaOf(table: string): TableSchema {
  return present(SCHEMA.tables.get(table), () => `a table ${table}`);
}

function scopeOf(sources: readonly Source[], outer: Scope | null): Scope {
  return {
    sources: sources.map((source) => ({ ...source, schema: schemaOf(source.table) })),
    outer,
    subselect: (within, scope) => selectRows(within, scope),
  };
}

function select(parsed: Select): Run {
  const rows = selectRows(parsed, null);
  const columns = columnsOf(parsed, scopeOf(sourcesOf(parsed), null));
  return (running) => ({ columns, rows: rows(NO_ROWS, running), affected: 0 });
}

function union({ selects }: Union): Run {
  const runs = selects.map(select);
  return (running) => {
    const results = runs.map((run) => run(running));
    return { columns: results[0]?.columns ?? [], rows: results.flatMap(({ rows }) => rows), affected: 0 };
  };
}

function sourcesOf({ from, joins }: Select): Source[] {
  return from === null ? [] : [from, ...joins.map(({ source }) => source)];
}

function columnsOf({ items }: Select, { sources }: Scope): string[] {
  return items.flatMap((item) =>
    item.kind === "item"
      ? [item.alias]
      : sources
          .filter(({ alias }) => item.table === null || item.table === alias)
          .flatMap(({ schema }) => schema.columns.map(({ name }) => name)),
  );
}

function selectRows(parsed: Select, outer: Scope | null): (env: Env, running: Parameters<Run>[0]) => readonly Row[] {
  const scope = scopeOf(sourcesOf(parsed), outer);
  const find = environments(parsed, scope);
  const order = parsed.orderBy.map(({ expression, isDescending }) => ({
    value: compileExpression(expression, scope),
    sign: isDescending ? -1 : 1,
  }));
  const limit = parsed.limit === null ? null : compileExpression(parsed.limit, scope);
  const isCount = parsed.items.some((item) => item.kind === "item" && item.expression.kind === "count");
  const project = isCount ? null : projection(parsed.items, scope);
  const [locked] = scope.sources;
  return (outerEnv, running) => {
    let found = find({ rows: [], outer: outer === null ? null : outerEnv, inserted: null }, running);
    if (parsed.locking !== "none" && locked !== undefined) {
      const mode = parsed.locking === "share" ? "share" : "exclusive";
      for (const { rows } of found) running.lock(locked.schema, keyOf(locked.schema, present(rows[0], "a row")), mode);
    }
    if (order.length > 0) {
      const keyed = found.map((env) => ({ env, by: order.map(({ value }) => value(env, running)) }));
      keyed.sort((one, other) => compare(one.by, other.by, order));
      found = keyed.map(({ env }) => env);
    }
    if (limit !== null) found = found.slice(0, Number(limit(NO_ROWS, running)));
    return project === null ? [[found.length]] : found.map((env) => project(env, running));
  };
}

function compare(one: readonly Value[], other: readonly Value[], order: readonly { readonly sign: number }[]): number {
  for (const [at, { sign }] of order.entries()) {
    const [a, b] = [one[at] ?? null, other[at] ?? null];
    if (a === b) continue;
    if (a === null) return -sign;
    if (b === null) return sign;
    return inOrder(a, b) * sign;
  }
  return 0;
}

/** One environment for each row that is selected. */
function environments({ from, joins, where }: Select, scope: Scope): (env: Env, running: Parameters<Run>[0]) => Env[] {
  if (from === null) return (env) => [env];
  if (joins.length === 0) {
    const find = compileFind(where, scope, 0);
    return (env, running) => find(env, running).map((row) => ({ ...env, rows: [row] }));
  }
  // What is said of the first table alone is looked at before the others are.
  const ofFirst = (where === null ? [] : conjuncts(where)).filter((part) => isKnownBefore(part, scope, 1));
  const first = compileFind(allOf(ofFirst), scope, 0);
  const others = joins.map(({ on, isLeft }, at) => ({ find: compileFind(on, scope, at + 1), isLeft }));
  const holds: Evaluate = where === null ? () => 1 : compileExpression(where, scope);
  return (env, running) => {
    let found: Env[] = first(env, running).map((row) => ({ ...env, rows: [row] }));
    for (const { find, isLeft } of others) found = found.flatMap((each) => joinedTo(each, find, isLeft, running));
    return found.filter((each) => {
      const value = holds(each, running);
      return value !== null && value !== 0;
    });
  };
}

function allOf(parts: readonly Expression[]): Expression | null {
  return parts.reduce<Expression | null>(
    (left, right) => (left === null ? right : { kind: "binary", op: "and", left, right }),
    null,
  );
}

function joinedTo(env: Env, find: Find, isLeft: boolean, running: Parameters<Run>[0]): Env[] {
  const rows = find(env, running);
  if (rows.length === 0 && isLeft) return [{ ...env, rows: [...env.rows, null] }];
  return rows.map((row) => ({ ...env, rows: [...env.rows, row] }));
}

function projection(items: readonly Item[], scope: Scope): (env: Env, running: Parameters<Run>[0]) => Row {
  const values = items.flatMap((item): Evaluate[] => {
    if (item.kind === "item") return [compileExpression(item.expression, scope)];
    return scope.sources.flatMap(({ alias, schema }, source) =>
      item.table === null || item.table === alias
        ? schema.columns.map(
            (_, column): Evaluate =>
              (env) =>
                env.rows[source]?.[column] ?? null,
          )
        : [],
    );
  });
  return (env, running) => values.map((value) => value(env, running));
}

function insert({ table, columns, rows, isReplacing, onDuplicate }: Insert): Run {
  const schema = schemaOf(table);
  const places = columns === null ? schema.columns.map((_, at) => at) : columns.map((name) => schema.placeOf(name));
  const scope = scopeOf([{ table, alias: table }], null);
  const given = "kind" in rows ? selectRows(rows, null) : compileRows(rows, scope);
  const changes = onDuplicate === null ? null : assignments(onDuplicate, scope);
  return (running) => {
    const planned = new Map<Key, Row>();
    let affected = 0;
    for (const values of given(NO_ROWS, running)) {
      assert(values.length === places.length, `${table} is given a value for each column`);
      const row = checked(schema, filled(schema, places, values));
      const key = keyOf(schema, row);
      running.lock(schema, key, "exclusive");
      const before = planned.get(key) ?? running.row(schema, key);
      if (before === undefined) planned.set(key, row);
      else if (changes !== null)
        planned.set(key, checked(schema, changes({ ...NO_ROWS, rows: [before], inserted: row }, running)));
      else if (isReplacing) planned.set(key, row);
      else throw new SqlFailure("ER_DUP_ENTRY", `Duplicate entry '${String(key)}' for key 'PRIMARY'`);
      affected += before === undefined ? 1 : 2;
    }
    for (const [key, row] of planned) running.write(schema, key, row);
    return { columns: [], rows: [], affected };
  };
}

function compileRows(
  rows: Exclude<Insert["rows"], Select>,
  scope: Scope,
): (env: Env, running: Parameters<Run>[0]) => readonly Row[] {
  const compiledRows = rows.map((row) => row.map((value) => compileExpression(value, scope)));
  return (env, running) => compiledRows.map((row) => row.map((value) => value(env, running)));
}

function filled({ columns }: TableSchema, places: readonly number[], values: Row): Value[] {
  if (places.length === columns.length && places.every((place, at) => place === at)) return [...values];
  const row = columns.map(({ initial }) => initial);
  for (const [at, place] of places.entries()) row[place] = values[at] ?? null;
  return row;
}

/** As the server keeps it in strict mode. @throws SqlFailure */
function checked({ name: table, columns }: TableSchema, row: Value[]): Row {
  for (const [at, { name, isNullable, isNumber, lengthMax }] of columns.entries()) {
    const value = row[at] ?? null;
    if (value === null) {
      if (!isNullable) throw new SqlFailure("ER_BAD_NULL_ERROR", `Column '${table}.${name}' cannot be null`);
    } else if (isNumber) {
      if (typeof value === "string") row[at] = Number(value);
    } else if (lengthMax !== null && String(value).length > lengthMax) {
      throw new SqlFailure("ER_DATA_TOO_LONG", `Data too long for column '${table}.${name}'`);
    }
  }
  return row;
}

type Change = (env: Env, running: Parameters<Run>[0]) => Value[];

function assignments(set: readonly Assignment[], scope: Scope): Change {
  const schema = present(scope.sources[0], "a table to change").schema;
  const compiledSet = set.map(({ column, value }) => ({
    at: schema.placeOf(column),
    value: compileExpression(value, scope),
  }));
  return (env, running) => {
    // From left to right, as MySQL does it: what was set before is seen by what comes after.
    const row = [...present(env.rows[0], "a row to change")];
    const changed: Env = { ...env, rows: [row] };
    for (const { at, value } of compiledSet) row[at] = value(changed, running);
    return row;
  };
}

function update({ table, set, where }: Update): Run {
  const schema = schemaOf(table);
  const scope = scopeOf([{ table, alias: table }], null);
  const find = compileFind(where, scope, 0);
  const change = assignments(set, scope);
  return (running) => {
    const found = lockedRows(schema, find, running);
    const changed = found.map((row) => checked(schema, change({ ...NO_ROWS, rows: [row] }, running)));
    for (const row of changed) running.write(schema, keyOf(schema, row), row);
    return { columns: [], rows: [], affected: found.length };
  };
}

function remove({ table, where }: Delete): Run {
  const schema = schemaOf(table);
  const find = compileFind(where, scopeOf([{ table, alias: table }], null), 0);
  return (running): Result => {
    const found = lockedRows(schema, find, running);
    for (const row of found) running.write(schema, keyOf(schema, row), null);
    return { columns: [], rows: [], affected: found.length };
  };
}

function lockedRows(schema: TableSchema, find: Find, running: Parameters<Run>[0]): Row[] {
  const found = find(NO_ROWS, running);
  for (const row of found) running.lock(schema, keyOf(schema, row), "exclusive");
  return found;
}

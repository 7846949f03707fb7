/** Owns how the rows of a table are found: by their key where a condition names it, otherwise by looking at all of them. */

import {
  compileExpression,
  type Env,
  type Evaluate,
  isKnownBefore,
  isTrue,
  placeOf,
  type Scope,
} from "./expressions.ts";
import { joined, type Key, type Row, type Running } from "./running.ts";
import type { Expression, Value } from "./syntax.ts";

export type Find = (env: Env, running: Running) => Row[];

/** Rows of the source at place `source` of the scope for which the condition holds, given rows of those before it. */
export function compileFind(condition: Expression | null, scope: Scope, source: number): Find {
  const from = scope.sources[source];
  if (from === undefined) throw new Error("a source is in its scope");
  const { schema } = from;
  const holds: Evaluate = condition === null ? () => 1 : compileExpression(condition, scope);
  const keys = condition === null ? null : keysIn(condition, scope, source);
  const isFitting = (env: Env, running: Running, row: Row): boolean => {
    const rows = source === 0 ? [row] : [...env.rows.slice(0, source), row];
    return isTrue(holds({ rows, outer: env.outer, inserted: null }, running));
  };
  if (keys === null) {
    return (env, running) => {
      const found: Row[] = [];
      for (const row of running.rowsOf(schema)) if (isFitting(env, running, row)) found.push(row);
      return found;
    };
  }
  return (env, running) => {
    const found: Row[] = [];
    for (const key of new Set(keys(env, running).sort(inOrder))) {
      const row = running.row(schema, key);
      if (row !== undefined && isFitting(env, running, row)) found.push(row);
    }
    return found;
  };
}

export function inOrder(one: Key, other: Key): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

type Keys = (env: Env, running: Running) => Key[];

/** The keys that rows can have for which the condition holds; null when it doesn't say. */
function keysIn(condition: Expression, scope: Scope, source: number): Keys | null {
  if (condition.kind === "binary" && condition.op === "or") {
    const [left, right] = [keysIn(condition.left, scope, source), keysIn(condition.right, scope, source)];
    return left === null || right === null ? null : (env, running) => [...left(env, running), ...right(env, running)];
  }
  const schema = scope.sources[source]?.schema;
  if (schema === undefined) return null;
  const parts = conjuncts(condition);
  const values: ((env: Env, running: Running) => Value[])[] = [];
  for (const column of schema.key) {
    const value = parts.map((part) => valuesOf(part, column, scope, source)).find((each) => each !== null);
    if (value === undefined || value === null) return null;
    values.push(value);
  }
  return (env, running) => {
    let made: Value[][] = [[]];
    for (const each of values) {
      const given = each(env, running);
      made = made.flatMap((before) => given.map((value) => [...before, value]));
    }
    return made.filter((parts) => !parts.includes(null)).map(joined);
  };
}

/** What must all be so for the condition to hold. */
export function conjuncts(condition: Expression): Expression[] {
  if (condition.kind !== "binary" || condition.op !== "and") return [condition];
  return [...conjuncts(condition.left), ...conjuncts(condition.right)];
}

/** What the column can be by one part of a condition. */
function valuesOf(
  part: Expression,
  column: number,
  scope: Scope,
  source: number,
): ((env: Env, running: Running) => Value[]) | null {
  const isColumn = (expression: Expression): boolean => {
    if (expression.kind !== "column") return false;
    const place = placeOf(scope, expression.table, expression.name);
    return place?.depth === 0 && place.source === source && place.column === column;
  };
  const isKnown = (expression: Expression): boolean => isKnownBefore(expression, scope, source);
  if (part.kind === "binary" && part.op === "=") {
    const [side, other] = isColumn(part.left) ? [part.left, part.right] : [part.right, part.left];
    if (!isColumn(side) || !isKnown(other)) return null;
    const value = compileExpression(other, scope);
    return (env, running) => [value(env, running)];
  }
  if (part.kind === "in" && !part.isNot && isColumn(part.operand) && part.list.every(isKnown)) {
    const list = part.list.map((each) => compileExpression(each, scope));
    return (env, running) => list.map((each) => each(env, running));
  }
  return null;
}

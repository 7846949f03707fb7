/** Owns what expressions come to, with SQL's third truth value: null is unknown. */

import { assert, present } from "../../../actors/assert.ts";
import type { Row, Running } from "./running.ts";
import type { TableSchema } from "./schema.ts";
import type { BinaryOp, Expression, Select, Source, Value } from "./syntax.ts";

/** The rows at which an expression is looked at: one of each source; null where a left join found none. */
export interface Env {
  readonly rows: readonly (Row | null)[];
  /** Of the statement around this one. */
  readonly outer: Env | null;
  /** What would have been inserted. */
  readonly inserted: Row | null;
}

export type Evaluate = (env: Env, running: Running) => Value;

/** What names mean where an expression stands. */
export interface Scope {
  readonly sources: readonly (Source & { readonly schema: TableSchema })[];
  readonly outer: Scope | null;
  /** Compiles a select within: it is given here, since the two need each other. */
  readonly subselect: (select: Select, scope: Scope) => (env: Env, running: Running) => readonly Row[];
}

export interface Place {
  /** Statements outwards. */
  readonly depth: number;
  readonly source: number;
  readonly column: number;
}

/** Which column is meant, or null when no source has it. */
export function placeOf(scope: Scope, table: string | null, name: string): Place | null {
  let depth = 0;
  for (let at: Scope | null = scope; at !== null; at = at.outer, depth++) {
    const source = at.sources.findIndex(({ alias, schema }) => (table === null || table === alias) && schema.has(name));
    const schema = at.sources[source]?.schema;
    if (schema !== undefined) return { depth, source, column: schema.placeOf(name) };
  }
  return null;
}

export function compileExpression(expression: Expression, scope: Scope): Evaluate {
  const compile = (each: Expression): Evaluate => compileExpression(each, scope);
  switch (expression.kind) {
    case "value": {
      const { value } = expression;
      return () => value;
    }
    case "parameter": {
      const { at } = expression;
      return (_, { values }) => values[at] ?? null;
    }
    case "column":
      return columnAt(present(placeOf(scope, expression.table, expression.name), () => `a column ${expression.name}`));
    case "inserted": {
      const { name } = expression;
      const at = present(scope.sources[0], "a table that is inserted into").schema.placeOf(name);
      return ({ inserted }) => present(inserted, "a row that was to be inserted")[at] ?? null;
    }
    case "call":
      return call(expression.name, expression.args.map(compile));
    case "count":
      throw new Error("count(*) stands alone in its select");
    case "not": {
      const operand = compile(expression.operand);
      return (env, running) => {
        const value = operand(env, running);
        return value === null ? null : value === 0 ? 1 : 0;
      };
    }
    case "binary":
      return binary(expression.op, compile(expression.left), compile(expression.right));
    case "is-null": {
      const operand = compile(expression.operand);
      const { isNot } = expression;
      return (env, running) => ((operand(env, running) === null) === isNot ? 0 : 1);
    }
    case "in": {
      const list = expression.list.map(compile);
      return among(compile(expression.operand), expression.isNot, (env, running) =>
        list.map((each) => each(env, running)),
      );
    }
    case "in-select": {
      const select = scope.subselect(expression.select, scope);
      return among(compile(expression.operand), expression.isNot, (env, running) =>
        select(env, running).map(([first = null]) => first),
      );
    }
    case "exists": {
      const select = scope.subselect(expression.select, scope);
      return (env, running) => (select(env, running).length > 0 ? 1 : 0);
    }
    case "scalar": {
      const select = scope.subselect(expression.select, scope);
      return (env, running) => select(env, running)[0]?.[0] ?? null;
    }
    case "case": {
      const whens = expression.whens.map(({ condition, value }) => ({
        condition: compile(condition),
        value: compile(value),
      }));
      const otherwise = expression.otherwise === null ? () => null : compile(expression.otherwise);
      return (env, running) => {
        const first = whens.find(({ condition }) => isTrue(condition(env, running)));
        return (first?.value ?? otherwise)(env, running);
      };
    }
  }
}

export function isTrue(value: Value): boolean {
  return value !== null && value !== 0;
}

function columnAt({ depth, source, column }: Place): Evaluate {
  if (depth === 0) return ({ rows }) => rows[source]?.[column] ?? null;
  return (env) => {
    let at: Env = env;
    for (let up = 0; up < depth; up++) at = present(at.outer, "a statement around this one");
    return at.rows[source]?.[column] ?? null;
  };
}

function among(operand: Evaluate, isNot: boolean, list: (env: Env, running: Running) => readonly Value[]): Evaluate {
  return (env, running) => {
    const value = operand(env, running);
    if (value === null) return null;
    const all = list(env, running);
    if (all.includes(value)) return isNot ? 0 : 1;
    return all.includes(null) ? null : isNot ? 1 : 0;
  };
}

function binary(op: BinaryOp, left: Evaluate, right: Evaluate): Evaluate {
  switch (op) {
    case "and":
      return (env, running) => {
        const one = left(env, running);
        if (one === 0) return 0;
        const other = right(env, running);
        if (other === 0) return 0;
        return one === null || other === null ? null : 1;
      };
    case "or":
      return (env, running) => {
        const one = left(env, running);
        if (isTrue(one)) return 1;
        const other = right(env, running);
        if (isTrue(other)) return 1;
        return one === null || other === null ? null : 0;
      };
    default:
      return (env, running) => {
        const one = left(env, running);
        const other = right(env, running);
        return one === null || other === null ? null : ofTwo(op, one, other);
      };
  }
}

function ofTwo(op: Exclude<BinaryOp, "and" | "or">, one: string | number, other: string | number): Value {
  switch (op) {
    case "=":
      return one === other ? 1 : 0;
    case "<>":
      return one === other ? 0 : 1;
    case "<":
      return one < other ? 1 : 0;
    case "<=":
      return one <= other ? 1 : 0;
    case ">":
      return one > other ? 1 : 0;
    case ">=":
      return one >= other ? 1 : 0;
    case "+":
      return Number(one) + Number(other);
    case "-":
      return Number(one) - Number(other);
    case "*":
      return Number(one) * Number(other);
    case "&":
      return Number(one) & Number(other);
    case "/":
      return Number(one) / Number(other);
  }
}

function call(name: string, args: readonly Evaluate[]): Evaluate {
  const arg = (at: number): Evaluate => present(args[at], () => `argument ${at + 1} of ${name}`);
  const numbers = (env: Env, running: Running): number[] => args.map((each) => Number(each(env, running)));
  switch (name) {
    case "now":
      return (_, { nowMs }) => nowMs;
    case "unix_timestamp":
      // The simulated now() is in milliseconds since the epoch already.
      return (env, running) => Number(arg(0)(env, running)) / 1_000;
    case "cast":
      return (env, running) => Math.round(Number(arg(0)(env, running)));
    case "if":
      return (env, running) => (isTrue(arg(0)(env, running)) ? arg(1) : arg(2))(env, running);
    case "least":
      return (env, running) => Math.min(...numbers(env, running));
    case "greatest":
      return (env, running) => Math.max(...numbers(env, running));
    case "concat":
      return (env, running) => args.map((each) => String(each(env, running))).join("");
    case "left":
      return (env, running) => String(arg(0)(env, running)).slice(0, Number(arg(1)(env, running)));
    case "sha2":
      return (env, running) => Bun.SHA256.hash(String(arg(0)(env, running)), "hex");
    case "database":
      return () => "simulated";
    case "get_lock":
      return (env, running) => (running.takeNamed(String(arg(0)(env, running))) ? 1 : 0);
    case "release_lock":
      return (env, running) => {
        running.releaseNamed(String(arg(0)(env, running)));
        return 1;
      };
    case "coalesce":
      return (env, running) => {
        for (const each of args) {
          const value = each(env, running);
          if (value !== null) return value;
        }
        return null;
      };
    default:
      throw new Error(`the simulated database has no function ${name}`);
  }
}

/** Whether the expression looks at no row of the sources from `from` on, so that it is known before they are. */
export function isKnownBefore(expression: Expression, scope: Scope, from: number): boolean {
  const all = (...each: readonly Expression[]): boolean => each.every((one) => isKnownBefore(one, scope, from));
  switch (expression.kind) {
    case "value":
    case "parameter":
      return true;
    case "column": {
      const place = placeOf(scope, expression.table, expression.name);
      assert(place !== null, () => `a column ${expression.name}`);
      return place.depth > 0 || place.source < from;
    }
    case "binary":
      return all(expression.left, expression.right);
    case "call":
      return all(...expression.args);
    case "is-null":
    case "not":
      return all(expression.operand);
    case "in":
      return all(expression.operand, ...expression.list);
    default:
      return false;
  }
}

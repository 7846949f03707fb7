/** Owns the tables of the simulated database: those that the product's own migrations make, read from the statements that they send. */

import { Kysely, MysqlQueryCompiler } from "kysely";
import { assert, present } from "../../../actors/assert.ts";
import { migrate } from "../../../db/migrations/migrate.ts";
import type { Database } from "../../../db/schema.ts";
import { recordingDialect } from "./recording-dialect.ts";
import type { Value } from "./syntax.ts";
import { type Token, tokensOf } from "./tokens.ts";

export interface Column {
  readonly name: string;
  readonly isNumber: boolean;
  readonly isNullable: boolean;
  /** In characters; null for numbers and long texts. */
  readonly lengthMax: number | null;
  /** What a row gets that does not say. */
  readonly initial: Value;
}

export class TableSchema {
  readonly name: string;
  readonly columns: Column[];
  readonly #placeOf: Map<string, number>;
  /** Places of the columns of the primary key. */
  readonly key: readonly number[];

  constructor(name: string, columns: readonly Column[], key: readonly string[]) {
    this.name = name;
    this.columns = [...columns];
    this.#placeOf = new Map(columns.map((column, at) => [column.name, at]));
    this.key = key.map((column) => this.placeOf(column));
    assert(this.key.length > 0, `${name} has a primary key`);
  }

  placeOf(column: string): number {
    return present(this.#placeOf.get(column), () => `a column ${column} of ${this.name}`);
  }

  has(column: string): boolean {
    return this.#placeOf.has(column);
  }

  add(column: Column): void {
    this.#placeOf.set(column.name, this.columns.push(column) - 1);
  }
}

export interface Filling {
  readonly sql: string;
  readonly values: readonly Value[];
}

export interface Schema {
  readonly tables: ReadonlyMap<string, TableSchema>;
  /** What the migrations put into the tables. */
  readonly fillings: readonly Filling[];
}

async function readSchema(): Promise<Schema> {
  const sent: Filling[] = [];
  const db = new Kysely<Database>({
    dialect: recordingDialect(new MysqlQueryCompiler(), (filling) => sent.push(filling)),
  });
  await migrate(db, "mysql");
  const tables = new Map<string, TableSchema>();
  const fillings: Filling[] = [];
  for (const filling of sent) {
    const { sql } = filling;
    if (/^create table/.test(sql)) {
      const table = tableIn(sql);
      if (!table.name.startsWith("kysely_")) tables.set(table.name, table);
    } else if (/^alter table `\w+` add column/.test(sql)) addColumn(tables, sql);
    else if (/^insert into `(?!kysely_)/.test(sql)) fillings.push(filling);
  }
  return { tables, fillings };
}

function tableIn(sql: string): TableSchema {
  const [, name = "", body = ""] = /^create table (?:if not exists )?`(\w+)` \((.*)\)[^)]*$/s.exec(sql) ?? [];
  const columns: Column[] = [];
  let key: string[] = [];
  for (const part of partsOf(tokensOf(body))) {
    const [first] = part;
    if (first?.kind === "name") {
      columns.push(columnOf(part));
      if (hasWords(part, "primary", "key")) key = [first.text];
    } else if (hasWords(part, "primary", "key")) {
      const names = part.slice(part.findIndex((token) => token.kind === "word" && token.text === "key"));
      key = names.flatMap((token) => (token.kind === "name" ? [token.text] : []));
    }
  }
  return new TableSchema(name, columns, key);
}

function addColumn(tables: ReadonlyMap<string, TableSchema>, sql: string): void {
  const [, name = "", definition = ""] = /^alter table `(\w+)` add column (.*)$/s.exec(sql) ?? [];
  present(tables.get(name), () => `a table ${name}`).add(columnOf(tokensOf(definition)));
}

/** What stands between the commas that are not within brackets. */
function partsOf(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    const symbol = token.kind === "symbol" ? token.text : "";
    if (symbol === "(") depth += 1;
    if (symbol === ")") depth -= 1;
    if (symbol === "," && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

function columnOf(tokens: readonly Token[]): Column {
  const [name, type, , length] = tokens;
  assert(name?.kind === "name" && type?.kind === "word", "a column has a name and a type");
  const at = tokens.findIndex((token) => token.kind === "word" && token.text === "default");
  const initial = tokens[at + 1];
  return {
    name: name.text,
    isNumber: type.text === "integer" || type.text === "bigint",
    isNullable: !hasWords(tokens, "not", "null") && !hasWords(tokens, "primary", "key"),
    lengthMax: type.text === "varchar" && length?.kind === "number" ? length.value : null,
    initial: at >= 0 && initial?.kind === "number" ? initial.value : null,
  };
}

function hasWords(tokens: readonly Token[], ...words: readonly string[]): boolean {
  return tokens.some((_, at) =>
    words.every((word, step) => {
      const token = tokens[at + step];
      return token?.kind === "word" && token.text === word;
    }),
  );
}

export const SCHEMA: Schema = await readSchema();

/** Where a row of the table has the column. */
export function place(table: string, column: string): number {
  return present(SCHEMA.tables.get(table), () => `a table ${table}`).placeOf(column);
}

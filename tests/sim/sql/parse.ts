/** Owns the reading of statements: from words to their form. What it doesn't know it refuses, so that nothing is ever understood otherwise than by MySQL. */

import type {
  Assignment,
  BinaryOp,
  Delete,
  Expression,
  Insert,
  Item,
  Join,
  Parsed,
  Select,
  Setting,
  Source,
  Union,
  Update,
} from "./syntax.ts";
import { type Token, tokensOf } from "./tokens.ts";

export function parse(sql: string): Parsed {
  return new Parser(sql).statement();
}

/** Words that can't be a name without backticks where a name may follow. */
const RESERVED = new Set([
  "from",
  "force",
  "where",
  "order",
  "limit",
  "for",
  "lock",
  "inner",
  "left",
  "join",
  "on",
  "set",
  "values",
  "as",
]);

const COMPARISONS: Readonly<Record<string, BinaryOp>> = {
  "=": "=",
  "<>": "<>",
  "!=": "<>",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

class Parser {
  readonly #sql: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #parameters = 0;

  constructor(sql: string) {
    this.#sql = sql;
    this.#tokens = tokensOf(sql);
  }

  statement(): Parsed {
    const parsed = this.#anyStatement();
    if (this.#at < this.#tokens.length) this.#fail("the end");
    return parsed;
  }

  #anyStatement(): Parsed {
    if (this.#isWord("select")) return this.#select();
    if (this.#symbolAt(this.#at) === "(") return this.#union();
    if (this.#takeWord("insert")) return this.#insert(false);
    if (this.#takeWord("replace")) return this.#insert(true);
    if (this.#takeWord("update")) return this.#update();
    if (this.#takeWord("delete")) return this.#delete();
    if (this.#takeWord("set")) return this.#set();
    if (this.#takeWord("commit")) return { kind: "commit" };
    if (this.#takeWord("rollback")) return { kind: "rollback" };
    return this.#fail("a statement");
  }

  #select(): Select {
    this.#word("select");
    const items = this.#list(() => this.#item());
    const from = this.#takeWord("from") ? this.#source() : null;
    const joins: Join[] = [];
    while (this.#isWord("inner") || this.#isWord("left")) joins.push(this.#join());
    const where = this.#where();
    const orderBy = this.#orderBy();
    const limit = this.#takeWord("limit") ? this.#expression() : null;
    return { kind: "select", items, from, joins, where, orderBy, limit, locking: this.#locking() };
  }

  #locking(): Select["locking"] {
    if (this.#takeWord("for")) {
      if (this.#takeWord("share")) return "share";
      this.#word("update");
      return "update";
    }
    if (!this.#takeWord("lock")) return "none";
    for (const word of ["in", "share", "mode"]) this.#word(word);
    return "share";
  }

  #orderBy(): Select["orderBy"] {
    if (!this.#takeWord("order")) return [];
    this.#word("by");
    return this.#list(() => ({ expression: this.#expression(), isDescending: this.#isDescending() }));
  }

  #isDescending(): boolean {
    if (this.#takeWord("desc")) return true;
    this.#takeWord("asc");
    return false;
  }

  #item(): Item {
    if (this.#takeSymbol("*")) return { kind: "star", table: null };
    const next = this.#tokens[this.#at + 2];
    if (this.#symbolAt(this.#at + 1) === "." && next?.kind === "symbol" && next.text === "*") {
      const table = this.#name();
      this.#at += 2;
      return { kind: "star", table };
    }
    const expression = this.#expression();
    const own = expression.kind === "column" ? expression.name : "";
    return { kind: "item", expression, alias: this.#alias() ?? own };
  }

  #source(): Source {
    const table = this.#name();
    const alias = this.#alias() ?? table;
    // Rows are found by their key wherever a condition names it.
    if (this.#takeWord("force")) {
      this.#word("index");
      this.#inBrackets(() => this.#word("primary"));
    }
    return { table, alias };
  }

  #alias(): string | null {
    if (this.#takeWord("as")) return this.#name();
    const token = this.#tokens[this.#at];
    return token?.kind === "name" || (token?.kind === "word" && !RESERVED.has(token.text)) ? this.#name() : null;
  }

  #join(): Join {
    const isLeft = this.#takeWord("left");
    if (!isLeft) this.#word("inner");
    this.#word("join");
    const source = this.#source();
    this.#word("on");
    return { source, isLeft, on: this.#expression() };
  }

  #where(): Expression | null {
    return this.#takeWord("where") ? this.#expression() : null;
  }

  #insert(isReplacing: boolean): Insert {
    this.#word("into");
    const table = this.#name();
    const columns = this.#symbolAt(this.#at) === "(" ? this.#inBrackets(() => this.#name()) : null;
    const rows = this.#takeWord("values")
      ? this.#list(() => this.#inBrackets(() => this.#expression()))
      : this.#select();
    let onDuplicate: Assignment[] | null = null;
    if (this.#takeWord("on")) {
      for (const word of ["duplicate", "key", "update"]) this.#word(word);
      onDuplicate = this.#list(() => this.#assignment());
    }
    return { kind: "insert", table, columns, rows, isReplacing, onDuplicate };
  }

  #update(): Update {
    const table = this.#name();
    this.#word("set");
    const set = this.#list(() => this.#assignment());
    return { kind: "update", table, set, where: this.#where() };
  }

  #delete(): Delete {
    this.#word("from");
    const table = this.#name();
    return { kind: "delete", table, where: this.#where() };
  }

  #set(): Setting {
    this.#word("session");
    const name = this.#name();
    this.#symbol("=");
    const value = this.#expression();
    if (value.kind !== "value" || typeof value.value !== "number") return this.#fail("a number");
    return { kind: "set", name, value: value.value };
  }

  #assignment(): Assignment {
    const column = this.#columnName();
    this.#symbol("=");
    return { column, value: this.#expression() };
  }

  #expression(): Expression {
    let left = this.#conjunction();
    while (this.#takeWord("or")) left = { kind: "binary", op: "or", left, right: this.#conjunction() };
    return left;
  }

  #conjunction(): Expression {
    let left = this.#negation();
    while (this.#takeWord("and")) left = { kind: "binary", op: "and", left, right: this.#negation() };
    return left;
  }

  #negation(): Expression {
    return this.#takeWord("not") ? { kind: "not", operand: this.#negation() } : this.#comparison();
  }

  #comparison(): Expression {
    const left = this.#bits();
    if (this.#takeWord("is")) {
      const isNot = this.#takeWord("not");
      this.#word("null");
      return { kind: "is-null", operand: left, isNot };
    }
    const isNot = this.#takeWord("not");
    if (this.#takeWord("in")) return this.#in(left, isNot);
    if (isNot) return this.#fail("in");
    const op = COMPARISONS[this.#symbolAt(this.#at) ?? ""];
    if (op === undefined) return left;
    this.#at += 1;
    return { kind: "binary", op, left, right: this.#bits() };
  }

  #in(operand: Expression, isNot: boolean): Expression {
    const inner = this.#tokens[this.#at + 1];
    if (inner?.kind !== "word" || inner.text !== "select") {
      return { kind: "in", operand, list: this.#inBrackets(() => this.#expression()), isNot };
    }
    return { kind: "in-select", operand, select: this.#subselect(), isNot };
  }

  #union(): Union {
    const selects = [this.#subselect()];
    while (this.#takeWord("union")) {
      this.#word("all");
      selects.push(this.#subselect());
    }
    return { kind: "union", selects };
  }

  #subselect(): Select {
    this.#symbol("(");
    const select = this.#select();
    this.#symbol(")");
    return select;
  }

  #bits(): Expression {
    let left = this.#sum();
    while (this.#takeSymbol("&")) left = { kind: "binary", op: "&", left, right: this.#sum() };
    return left;
  }

  #sum(): Expression {
    let left = this.#product();
    for (;;) {
      const symbol = this.#symbolAt(this.#at);
      if (symbol !== "+" && symbol !== "-") return left;
      this.#at += 1;
      left = { kind: "binary", op: symbol, left, right: this.#product() };
    }
  }

  #product(): Expression {
    let left = this.#primary();
    for (;;) {
      const symbol = this.#symbolAt(this.#at);
      if (symbol !== "*" && symbol !== "/") return left;
      this.#at += 1;
      left = { kind: "binary", op: symbol, left, right: this.#primary() };
    }
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at];
    if (token?.kind === "number" || token?.kind === "text") {
      this.#at += 1;
      return { kind: "value", value: token.value };
    }
    if (this.#takeSymbol("?")) return { kind: "parameter", at: this.#parameters++ };
    if (this.#symbolAt(this.#at) === "(") return this.#bracketed();
    if (token?.kind === "word") {
      if (this.#takeWord("null")) return { kind: "value", value: null };
      if (this.#takeWord("case")) return this.#case();
      if (this.#takeWord("exists")) return { kind: "exists", select: this.#subselect() };
      if (this.#symbolAt(this.#at + 1) === "(") return this.#call(token.text);
    }
    const first = this.#name();
    return this.#takeSymbol(".")
      ? { kind: "column", table: first, name: this.#name() }
      : { kind: "column", table: null, name: first };
  }

  #bracketed(): Expression {
    const inner = this.#tokens[this.#at + 1];
    if (inner?.kind === "word" && inner.text === "select") return { kind: "scalar", select: this.#subselect() };
    this.#symbol("(");
    const expression = this.#expression();
    this.#symbol(")");
    return expression;
  }

  #call(name: string): Expression {
    this.#at += 1;
    if (name === "count") {
      for (const symbol of ["(", "*", ")"]) this.#symbol(symbol);
      return { kind: "count" };
    }
    if (name === "values") {
      const [column = ""] = this.#inBrackets(() => this.#name());
      return { kind: "inserted", name: column };
    }
    if (name === "cast") {
      this.#symbol("(");
      const operand = this.#expression();
      for (const word of ["as", "unsigned"]) this.#word(word);
      this.#symbol(")");
      return { kind: "call", name, args: [operand] };
    }
    return { kind: "call", name, args: this.#inBrackets(() => this.#expression()) };
  }

  #case(): Expression {
    const whens: { condition: Expression; value: Expression }[] = [];
    while (this.#takeWord("when")) {
      const condition = this.#expression();
      this.#word("then");
      whens.push({ condition, value: this.#expression() });
    }
    const otherwise = this.#takeWord("else") ? this.#expression() : null;
    this.#word("end");
    return { kind: "case", whens, otherwise };
  }

  #columnName(): string {
    const first = this.#name();
    return this.#takeSymbol(".") ? this.#name() : first;
  }

  #list<T>(one: () => T): T[] {
    const all = [one()];
    while (this.#takeSymbol(",")) all.push(one());
    return all;
  }

  #inBrackets<T>(one: () => T): T[] {
    this.#symbol("(");
    if (this.#takeSymbol(")")) return [];
    const all = this.#list(one);
    this.#symbol(")");
    return all;
  }

  #name(): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "name" && token?.kind !== "word") return this.#fail("a name");
    this.#at += 1;
    return token.text;
  }

  #isWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === "word" && token.text === word;
  }

  #takeWord(word: string): boolean {
    const isThere = this.#isWord(word);
    if (isThere) this.#at += 1;
    return isThere;
  }

  #word(word: string): void {
    if (!this.#takeWord(word)) this.#fail(word);
  }

  #symbolAt(at: number): string | null {
    const token = this.#tokens[at];
    return token?.kind === "symbol" ? token.text : null;
  }

  #takeSymbol(symbol: string): boolean {
    const isThere = this.#symbolAt(this.#at) === symbol;
    if (isThere) this.#at += 1;
    return isThere;
  }

  #symbol(symbol: string): void {
    if (!this.#takeSymbol(symbol)) this.#fail(symbol);
  }

  #fail(expected: string): never {
    const found = JSON.stringify(this.#tokens[this.#at] ?? "the end");
    throw new Error(`the simulated database expects ${expected}, not ${found}, in: ${this.#sql}`);
  }
}

/** Owns the reading of one record's fields: each is taken as it stands or rejected with its place and a reason. */

import { ANY, type Field } from "./fields.ts";
import type { Problems } from "./problem.ts";

export class FileRecord {
  readonly line: number;
  readonly #text: string;
  readonly #problems: Problems;
  readonly #rejected = new Set<Field>();

  /** `text` has one character a byte. */
  constructor(text: string, line: number, problems: Problems) {
    this.#text = text;
    this.line = line;
    this.#problems = problems;
  }

  get type(): string {
    return this.get(ANY.type);
  }

  /** Whether no field of it has been rejected so far. */
  get sound(): boolean {
    return this.#rejected.size === 0;
  }

  /** Whether none of these fields has been rejected, so that they can be compared with each other. */
  took(...fields: readonly Field[]): boolean {
    return fields.every((field) => !this.#rejected.has(field));
  }

  get(field: Field): string {
    return this.#text.slice(field.from - 1, field.to);
  }

  reject(field: Field, reason: string): void {
    this.#rejected.add(field);
    const columns = field.from === field.to ? `${field.from}` : `${field.from}-${field.to}`;
    this.#problems.add(this.line, `${field.name} (${columns})`, reason);
  }

  /** The field, which must match `pattern`; `expected` completes "… is not". */
  matching(field: Field, pattern: RegExp, expected: string): string {
    const value = this.get(field);
    if (!pattern.test(value)) this.reject(field, `"${printable(value)}" is not ${expected}`);
    return value;
  }

  /** What `read` makes of the field, or `fallback` after rejecting it. */
  reading<T>(field: Field, read: (value: string) => T | null, expected: string, fallback: T): T {
    const value = this.get(field);
    const result = read(value);
    if (result !== null) return result;
    this.reject(field, `"${printable(value)}" is not ${expected}`);
    return fallback;
  }
}

/** A report goes to terminals: nothing of a file may act on them. */
export function printable(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, "?");
}

/** Owns what is said of a bad schedule file: where, in which field, and why. */

export interface Problem {
  /** Counted from 1, padding included. */
  readonly line: number;
  /** Name of the field and its columns, as the manual counts them: `days of operation (29-35)`. */
  readonly field: string;
  readonly reason: string;
}

/** So many problems are kept; the rest is only counted, or a wrong kind of file would report itself line by line. */
export const PROBLEMS_MAX = 100;

export class Problems {
  readonly #kept: Problem[] = [];
  #count = 0;

  add(line: number, field: string, reason: string): void {
    this.#count += 1;
    if (this.#kept.length < PROBLEMS_MAX) this.#kept.push({ line, field, reason });
  }

  get count(): number {
    return this.#count;
  }

  /** By line; those of one line in the order in which they were found. */
  get kept(): readonly Problem[] {
    return this.#kept.toSorted((a, b) => a.line - b.line);
  }
}

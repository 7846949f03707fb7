/** Owns what was found wrong with a draw: in words for people, the same kind of thing not a million times. */

/** Of one kind that are told one by one; the rest is counted. */
const EACH_MAX = 5;

export class Findings {
  readonly #lines: string[] = [];
  readonly #counts = new Map<string, number>();

  /** @param kind ends the sentence "and 17 more …" */
  add(kind: string, finding: string): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count <= EACH_MAX) this.#lines.push(finding);
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  lines(): string[] {
    const rest = Array.from(this.#counts)
      .filter(([, count]) => count > EACH_MAX)
      .map(([kind, count]) => `… and ${count - EACH_MAX} more ${kind}.`);
    return [...this.#lines, ...rest];
  }
}

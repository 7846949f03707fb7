/** Owns what a run has found: rules of DESIGN that were broken. The first one ends the run. */

/** By which check something was found; DESIGN §3 says what I1 to I8 are. */
export type Check =
  | "I1"
  | "I2"
  | "I3"
  | "I4"
  | "I5"
  | "I6"
  | "I7"
  | "I8"
  /** An outcome that a commit was given was not so. */
  | "outcome"
  /** A flight was decided on what was read before its claim. */
  | "load after claim"
  /** What was acknowledged is not in the journal. */
  | "acknowledged"
  | "linearizability"
  /** An answer does not tell what is so. */
  | "replies"
  | "projections"
  /** Our own code failed one of its assertions, or threw. */
  | "assertion"
  | "order of admission"
  | "pacer"
  | "liveness";

export interface Finding {
  readonly check: Check;
  readonly what: string;
  readonly atMs: number;
}

export class Findings {
  readonly #nowMs: () => number;
  readonly #excused: readonly Check[];
  #first: Finding | null = null;

  /** @param excused by these nothing is found */
  constructor(nowMs: () => number, excused: readonly Check[] = []) {
    this.#nowMs = nowMs;
    this.#excused = excused;
  }

  report(check: Check, what: string): void {
    if (!this.#excused.includes(check)) this.#first ??= { check, what, atMs: this.#nowMs() };
  }

  /** Reports what should have been so, and was not. */
  expect(isSo: boolean, check: Check, what: () => string): void {
    if (!isSo) this.report(check, what());
  }

  get first(): Finding | null {
    return this.#first;
  }
}

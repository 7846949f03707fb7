/** Owns the gathering of what many ask for at once: while one call is on its way the next one's asks come together, so that a lone one waits for nothing. */

import { assert } from "../../actors/assert.ts";

interface Waiting<Ask, Answer> {
  readonly ask: Ask;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

export class Gatherer<Ask, Answer> {
  readonly #call: (asks: readonly Ask[]) => Promise<readonly Answer[]>;
  readonly #soon: (call: () => void) => void;
  readonly #batchMax: number;
  #waiting: Waiting<Ask, Answer>[] = [];
  #isCalling = false;

  /**
   * @param call answers each ask at its index, or fails for all
   * @param soon calls back once the asks of this turn have come
   */
  constructor(
    call: (asks: readonly Ask[]) => Promise<readonly Answer[]>,
    soon: (call: () => void) => void,
    batchMax: number,
  ) {
    this.#call = call;
    this.#soon = soon;
    this.#batchMax = batchMax;
  }

  /** Those that wait for their turn. */
  get size(): number {
    return this.#waiting.length;
  }

  ask(ask: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ask, resolve, reject });
      if (this.#isCalling) return;
      this.#isCalling = true;
      this.#soon(() => this.#next());
    });
  }

  #next(): void {
    const batch = this.#waiting.splice(0, this.#batchMax);
    if (batch.length === 0) {
      this.#isCalling = false;
      return;
    }
    this.#call(batch.map(({ ask }) => ask)).then(
      (answers) => {
        batch.forEach(({ resolve }, at) => {
          const answer = answers[at];
          assert(answer !== undefined, "an answer for each ask");
          resolve(answer);
        });
        this.#next();
      },
      (error: unknown) => {
        for (const { reject } of batch) reject(error);
        this.#next();
      },
    );
  }
}

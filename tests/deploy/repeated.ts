/** Owns something that is done again and again beside a test, and what went wrong of it. */

/** Between two times: what is tested is that each goes well, not how many there can be. */
const PAUSE_MS = 100;

export class Repeated {
  /** Why a step failed. */
  readonly failures: string[] = [];
  count = 0;
  readonly #done: Promise<void>;
  #isStopping = false;

  /** @param step throws when it fails */
  constructor(step: () => Promise<unknown>) {
    this.#done = this.#repeat(step);
  }

  /** Resolves when the last step is over. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#done;
  }

  async #repeat(step: () => Promise<unknown>): Promise<void> {
    while (!this.#isStopping) {
      await step().catch((error: unknown) => this.failures.push(String(error)));
      this.count += 1;
      await Bun.sleep(PAUSE_MS);
    }
  }
}

/** Owns a line of bounded length before work of which only a little may run at once. */

export interface BoundedLineOptions {
  readonly runningMax: number;
  readonly waitingMax: number;
}

export class BoundedLine {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor({ runningMax, waitingMax }: BoundedLineOptions) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Does the work when those who came earlier leave room for it; null at once when the line is full. */
  run<T>(work: () => Promise<T>): Promise<T> | null {
    if (this.#running >= this.#runningMax && this.#waiting.length >= this.#waitingMax) return null;
    return this.#run(work);
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#runningMax) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place goes to the next in line, if there is one, without becoming free in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

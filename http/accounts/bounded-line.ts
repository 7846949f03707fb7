/** Owns a line of bounded length before work of which only a little may run at once, and who is refused when it is full. */

export interface BoundedLineOptions {
  readonly runningMax: number;
  readonly waitingMax: number;
}

interface Place {
  readonly from: string;
  /** Called once: when it is this one's turn, or when the place goes to somebody else. */
  readonly end: (isTurn: boolean) => void;
}

export class BoundedLine {
  readonly #runningMax: number;
  readonly #waitingMax: number;
  #running = 0;
  readonly #waiting: Place[] = [];
  /** How many places each has who has any. */
  readonly #places = new Map<string, number>();

  constructor({ runningMax, waitingMax }: BoundedLineOptions) {
    this.#runningMax = runningMax;
    this.#waitingMax = waitingMax;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Does the work when those who came earlier leave room for it. Null when the line is full: at once, or as soon as the place goes to
   * somebody who has less of them.
   * @param from who wants it
   */
  async run<T>(from: string, work: () => Promise<T>): Promise<T | null> {
    if (this.#running < this.#runningMax) this.#running++;
    else if (!this.#hasRoomFor(from)) return null;
    else if (!(await this.#wait(from))) return null;
    try {
      return await work();
    } finally {
      // The place goes to the next in line, if there is one, without becoming free in between.
      if (this.#waiting.length === 0) this.#running--;
      else this.#leave(0, true);
    }
  }

  #wait(from: string): Promise<boolean> {
    return new Promise((end) => {
      this.#waiting.push({ from, end });
      this.#places.set(from, (this.#places.get(from) ?? 0) + 1);
    });
  }

  #leave(at: number, isTurn: boolean): void {
    for (const { from, end } of this.#waiting.splice(at, 1)) {
      const left = (this.#places.get(from) ?? 0) - 1;
      if (left === 0) this.#places.delete(from);
      else this.#places.set(from, left);
      end(isTurn);
    }
  }

  /** In a full line, room is the latest place of whoever has the most, if that are more than the newcomer would have: nobody alone fills it. */
  #hasRoomFor(from: string): boolean {
    if (this.#waiting.length < this.#waitingMax) return true;
    const most = Math.max(0, ...this.#places.values());
    if (most <= (this.#places.get(from) ?? 0) + 1) return false;
    const latest = this.#waiting.findLastIndex((each) => this.#places.get(each.from) === most);
    this.#leave(latest, false);
    return true;
  }
}

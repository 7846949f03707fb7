/** Owns a line for a few places: bounded in length, and nobody waits in it for longer than they should. */

import type { Clock } from "../../actors/clock.ts";
import { MysqlFailure } from "./failures.ts";

export interface PlacesOptions {
  readonly places: number;
  readonly waitingMax: number;
  readonly waitMsMax: number;
  readonly clock: Clock;
}

export class Places {
  readonly #options: PlacesOptions;
  #free: number;
  /** In the order of their coming. */
  readonly #waiting = new Set<() => void>();

  constructor(options: PlacesOptions) {
    this.#options = options;
    this.#free = options.places;
  }

  /** Places that are taken, and how many there are. */
  get taken(): number {
    return this.#options.places - this.#free;
  }

  get places(): number {
    return this.#options.places;
  }

  /** Those who wait for a place. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** @throws MysqlFailure when the line is too long, or the wait was */
  take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve();
    }
    const { waitingMax, waitMsMax, clock } = this.#options;
    if (this.#waiting.size >= waitingMax) {
      return Promise.reject(new MysqlFailure("TOO_MANY_WAIT", "unavailable", `${waitingMax} wait for a connection`));
    }
    return new Promise((resolve, reject) => {
      const timer = clock.after(waitMsMax, () => {
        this.#waiting.delete(enter);
        reject(new MysqlFailure("NO_CONNECTION", "unavailable", `no connection was free within ${waitMsMax} ms`));
      });
      const enter = (): void => {
        timer.cancel();
        resolve();
      };
      this.#waiting.add(enter);
    });
  }

  /** The place goes to the next in line, if there is one, without becoming free in between. */
  give(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}

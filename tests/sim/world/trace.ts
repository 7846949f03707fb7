/** Owns the trace of a run: what happened, when and to whom, one line each, the same for the same seed. */

import type { EventLoop } from "./event-loop.ts";

const WHO_WIDTH = 11;

export class Trace {
  readonly #loop: EventLoop;
  readonly #write: ((line: string) => void) | null;

  /** @param write null: nobody reads it, and nothing is put into words */
  constructor(loop: EventLoop, write: ((line: string) => void) | null) {
    this.#loop = loop;
    this.#write = write;
  }

  get isOn(): boolean {
    return this.#write !== null;
  }

  /** @param what in words; a function where putting it into words takes time */
  note(who: string, what: string | (() => string)): void {
    if (this.#write === null) return;
    const seconds = (this.#loop.nowMs / 1_000).toFixed(6).padStart(11);
    this.#write(`${seconds}  ${who.padEnd(WHO_WIDTH)}  ${typeof what === "string" ? what : what()}`);
  }
}

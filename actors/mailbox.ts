/** Owns the commands that wait for a flight, in the order of their coming. */

import type { Answering } from "./bus/bus.ts";
import type { Command } from "./domain/command.ts";

export interface Mail {
  readonly command: Command;
  readonly answer: Answering;
  /** When it came, by the monotonic clock. */
  readonly arrivedMs: number;
  /** When it was taken to be decided last; missing while it waits. */
  takenMs?: number;
  /** When that decision was made. */
  decidedMs?: number;
}

export class Mailbox {
  #mail: Mail[] = [];
  #taken = 0;

  get size(): number {
    return this.#mail.length - this.#taken;
  }

  put(mail: Mail): void {
    this.#mail.push(mail);
  }

  /** The oldest command, or undefined when none waits. */
  take(): Mail | undefined {
    const mail = this.#mail[this.#taken];
    if (mail === undefined) return undefined;
    this.#taken += 1;
    if (this.#taken === this.#mail.length) {
      this.#mail = [];
      this.#taken = 0;
    }
    return mail;
  }

  /** Puts commands that were taken back in front, in their order: they are decided again on another state. */
  putBack(mail: readonly Mail[]): void {
    this.#mail = [...mail, ...this.#mail.slice(this.#taken)];
    this.#taken = 0;
  }

  takeAll(): Mail[] {
    const all = this.#mail.slice(this.#taken);
    this.#mail = [];
    this.#taken = 0;
    return all;
  }
}

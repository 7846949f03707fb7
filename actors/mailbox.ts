/** Owns the commands that wait for a flight, in the order of their coming. */

import type { Answering } from "./bus/bus.ts";
import type { Command } from "./domain/command.ts";
import { Fifo } from "./domain/fifo.ts";

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
  #mail = new Fifo<Mail>();

  get size(): number {
    return this.#mail.size;
  }

  put(mail: Mail): void {
    this.#mail.put(mail);
  }

  /** The oldest command, or undefined when none waits. */
  take(): Mail | undefined {
    return this.#mail.take();
  }

  /** Puts commands that were taken back in front, in their order: they are decided again on another state. */
  putBack(mail: readonly Mail[]): void {
    for (const each of [...mail, ...this.takeAll()]) this.#mail.put(each);
  }

  takeAll(): Mail[] {
    const all = [...this.#mail];
    this.#mail = new Fifo();
    return all;
  }
}

/** Owns the embedded bus: a call within the process, with the same contract as one between machines. */

import { OperationalError } from "../errors.ts";
import type { Bus, Sending, Serving, StopServing, Unsubscribe } from "./bus.ts";
import type { Subject, Subjects } from "./subjects.ts";

type Hearers = Map<string, Set<(message: never) => void>>;

export class InProcessBus implements Bus {
  readonly #serving = new Map<number, Serving>();
  /** By subject, and by `kind.*`. */
  readonly #hearers: Hearers = new Map();

  send(shard: number, sendings: readonly Sending[]): void {
    const serving = this.#serving.get(shard);
    for (const { command, answer } of sendings) {
      if (serving !== undefined) serving(command, answer);
      else answer({ ok: false, error: new OperationalError("NOT_OWNER", `Nobody serves shard ${shard} now.`) });
    }
  }

  serve(shard: number, serving: Serving): Promise<StopServing> {
    this.#serving.set(shard, serving);
    return Promise.resolve(async () => {
      if (this.#serving.get(shard) === serving) this.#serving.delete(shard);
    });
  }

  publish<T>(subject: Subject<T>, message: T): void {
    if (this.#hearers.size === 0) return;
    this.#tell(subject, message);
    this.#tell(`${subject.slice(0, subject.indexOf("."))}.*`, message);
  }

  subscribe<T>(subject: Subject<T> | Subjects<T>, hear: (message: T) => void): Unsubscribe {
    const hearers = this.#hearers.get(subject) ?? new Set();
    this.#hearers.set(subject, hearers);
    hearers.add(hear);
    return () => {
      hearers.delete(hear);
      if (hearers.size === 0 && this.#hearers.get(subject) === hearers) this.#hearers.delete(subject);
    };
  }

  trouble(): null {
    return null;
  }

  async close(): Promise<void> {
    this.#serving.clear();
    this.#hearers.clear();
  }

  #tell<T>(subject: string, message: T): void {
    const hearers = this.#hearers.get(subject);
    if (hearers === undefined) return;
    for (const hear of hearers) (hear as (message: T) => void)(message);
  }
}

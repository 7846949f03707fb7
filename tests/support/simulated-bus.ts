/** Owns a bus between simulated processes: plain subscriptions, no memory; who is cut off hears nothing, and who is paused hears it later. */

import type { Answering, Bus, Sending, Serving, StopServing, Unsubscribe } from "../../actors/bus/bus.ts";
import type { Subject, Subjects } from "../../actors/bus/subjects.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { FakeClock } from "./fake-clock.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

const WAY_MS = 1;

/** The server. */
export class SimulatedHub {
  isDown = false;
  readonly clock: FakeClock;
  readonly ends = new Set<SimulatedBus>();

  constructor(clock: FakeClock) {
    this.clock = clock;
  }

  connect(process: SimulatedProcess): SimulatedBus {
    const end = new SimulatedBus(this, process);
    this.ends.add(end);
    return end;
  }
}

/** One process's end of it. */
export class SimulatedBus implements Bus {
  #isCut = false;
  readonly #hub: SimulatedHub;
  readonly #process: SimulatedProcess;
  readonly #serving = new Map<number, Set<Serving>>();
  readonly #hearers = new Map<string, Set<(message: never) => void>>();
  readonly #missed = new Set<() => void>();

  constructor(hub: SimulatedHub, process: SimulatedProcess) {
    this.#hub = hub;
    this.#process = process;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** Who has the bus back is told that something may have been missed. */
  set isCut(isCut: boolean) {
    const isBack = this.#isCut && !isCut;
    this.#isCut = isCut;
    if (isBack) for (const missed of this.#missed) this.take(missed);
  }

  /** A message reaches the server only from who is connected then, and a dead process's connection is closed. */
  get isConnected(): boolean {
    return !this.isCut && !this.#hub.isDown && !this.#process.isDead;
  }

  send(shard: number, sendings: readonly Sending[]): void {
    for (const { command, answer } of sendings) {
      this.#way(() => {
        let hasReached = false;
        for (const end of this.#hub.ends) {
          for (const serving of end.servingOf(shard)) {
            hasReached = true;
            end.take(() => serving(command, (given) => end.#answerTo(this, answer, given)));
          }
        }
        if (hasReached) return;
        const error = new OperationalError("NOT_OWNER", `Nobody serves shard ${shard} now.`);
        this.#hub.clock.after(WAY_MS, () => this.take(() => answer({ ok: false, error })));
      });
    }
  }

  async serve(shard: number, serving: Serving): Promise<StopServing> {
    await this.#roundTrip();
    const all = this.#serving.get(shard) ?? new Set();
    this.#serving.set(shard, all);
    all.add(serving);
    return async () => {
      all.delete(serving);
      await this.#roundTrip();
    };
  }

  publish<T>(subject: Subject<T>, message: T): void {
    this.#way(() => {
      for (const end of this.#hub.ends) if (end.isConnected) end.take(() => end.#hear(subject, message));
    });
  }

  subscribe<T>(subject: Subject<T> | Subjects<T>, hear: (message: T) => void, missed?: () => void): Unsubscribe {
    const hearers = this.#hearers.get(subject) ?? new Set();
    this.#hearers.set(subject, hearers);
    hearers.add(hear);
    if (missed !== undefined) this.#missed.add(missed);
    return () => {
      hearers.delete(hear);
      if (missed !== undefined) this.#missed.delete(missed);
    };
  }

  trouble(): string | null {
    return this.isConnected ? null : "not connected";
  }

  async close(): Promise<void> {
    this.#hub.ends.delete(this);
  }

  /** Who serves the shard at this end, as the server sees it. */
  servingOf(shard: number): readonly Serving[] {
    return this.isConnected ? [...(this.#serving.get(shard) ?? [])] : [];
  }

  take(call: () => void): void {
    if (this.isConnected) this.#process.receive(call);
  }

  #answerTo(caller: SimulatedBus, answer: Answering, given: Parameters<Answering>[0]): void {
    this.#way(() => caller.take(() => answer(given)));
  }

  #hear<T>(subject: Subject<T>, message: T): void {
    for (const key of [subject, `${subject.slice(0, subject.indexOf("."))}.*`]) {
      for (const hear of this.#hearers.get(key) ?? []) (hear as (message: T) => void)(message);
    }
  }

  /** To the server, unless the connection is gone. */
  #way(call: () => void): void {
    if (!this.isConnected) return;
    this.#hub.clock.after(WAY_MS, () => {
      if (this.isConnected) call();
    });
  }

  /** Ends once the server has seen everything; while it is out of reach that takes as long as it lasts. */
  async #roundTrip(): Promise<void> {
    do {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#hub.clock.after(2 * WAY_MS, () => this.#process.receive(resolve));
      await promise;
    } while (!this.isConnected);
  }
}

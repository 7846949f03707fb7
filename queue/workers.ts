/** Owns what follows the journal, as one part of the program: money in every process of its kind, all else in one of them at a time. */

import type { Bus, Unsubscribe } from "../actors/bus/bus.ts";
import { ALL_JOURNALS } from "../actors/bus/subjects.ts";
import type { Clock } from "../actors/clock.ts";
import type { Entropy } from "../actors/entropy.ts";
import type { Telemetry } from "../actors/telemetry.ts";
import type { Reconciler } from "./payments/reconciler.ts";
import type { EventType, JournalTail } from "./relay/journal-tail.ts";
import { type Consumer, Relay } from "./relay/relay.ts";
import type { WorkerLock } from "./relay/worker-lock.ts";

/** Events after which a look at the provider is due at once. */
const MONEY_EVENTS: ReadonlySet<string> = new Set<EventType>(["cancelling", "refund-due"]);

export interface WorkersOptions {
  readonly bus: Bus;
  readonly lock: WorkerLock;
  /** Two that look at the same payment do no harm. */
  readonly reconciler: Reconciler;
  /** Each follows the journal by a cursor of its own. */
  readonly consumers: readonly Consumer[];
  readonly tail: JournalTail;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
}

export class Workers {
  readonly #options: WorkersOptions;
  #relays: readonly Relay[] = [];
  #stopping: Promise<unknown> = Promise.resolve();
  #unsubscribe: Unsubscribe = () => {};

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  start(): void {
    const { bus, lock, reconciler } = this.#options;
    reconciler.start();
    this.#unsubscribe = bus.subscribe(ALL_JOURNALS, ({ flightId, types }) => {
      for (const relay of this.#relays) relay.hear(flightId, types);
      if (types.some((type) => MONEY_EVENTS.has(type))) reconciler.wake();
    });
    lock.hold(
      () => this.#follow(),
      () => this.#stopRelays(),
    );
  }

  /** Begins nothing new, and ends when what was begun has ended. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stopRelays();
    await Promise.all([this.#stopping, this.#options.reconciler.stop()]);
    await this.#options.lock.release();
  }

  #follow(): void {
    const { consumers } = this.#options;
    this.#relays = consumers.map((consumer) => new Relay({ ...this.#options, ...consumer }));
    for (const relay of this.#relays) relay.start();
  }

  #stopRelays(): void {
    const relays = this.#relays;
    this.#relays = [];
    this.#stopping = Promise.all([this.#stopping, ...relays.map((relay) => relay.stop())]);
  }
}

/** Owns what follows the journal, as one part of the program: money in every process of its kind, all else in one of them at a time. */

import type { Bus, Unsubscribe } from "../actors/bus/bus.ts";
import { type JournalHint, journalSubject } from "../actors/bus/subjects.ts";
import type { Clock } from "../actors/clock.ts";
import type { EventType } from "../actors/domain/event.ts";
import type { Entropy } from "../actors/entropy.ts";
import type { Sample, Telemetry } from "../actors/telemetry.ts";
import type { Reconciler } from "./payments/reconciler.ts";
import type { JournalTail } from "./relay/journal-tail.ts";
import { type Consumer, type Lag, Relay } from "./relay/relay.ts";
import type { HeldLock, WorkerLock } from "./relay/worker-lock.ts";

/** Events after which a look at the provider is due at once. */
const MONEY_EVENTS: readonly EventType[] = ["cancelling", "refund-due"];

const LOCK = "journal";

/** How often a process that follows nothing looks whether it might, in milliseconds. */
const LOOK_MS = 1_000;

export interface WorkersOptions {
  readonly bus: Bus;
  readonly lock: WorkerLock;
  /** Two that look at the same payment do no harm. */
  readonly reconciler: Reconciler;
  /** Each follows the journal by a cursor of its own. */
  readonly consumers: readonly Consumer[];
  /** What else follows it, in its own way. @default nothing */
  readonly others?: readonly Follower[];
  readonly tail: JournalTail;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
}

/** What runs in one process at a time. */
export interface Follower {
  /** Names its cursors. */
  readonly consumer: string;
  start(): void;
  /** Ends when what was begun has ended; it may be started again. */
  stop(): Promise<void>;
  lag(): Lag;
}

export class Workers {
  readonly #options: WorkersOptions;
  #relays: readonly Relay[] = [];
  #followers: readonly Follower[] = [];
  #following: Promise<void> = Promise.resolve();
  #isStopping = false;
  #wake: () => void = () => {};
  #unsubscribe: Unsubscribe = () => {};

  constructor(options: WorkersOptions) {
    this.#options = options;
    const { telemetry } = options;
    telemetry.gauge("pigonair_workers_leading", "Whether this process follows the journal: 1 or 0.", () =>
      this.#followers.length > 0 ? 1 : 0,
    );
    telemetry.gauge(
      "pigonair_consumer_lag_seconds",
      "How long what a consumer of the journal has not finished has waited for it.",
      () => this.#lags(({ waitedMs }) => waitedMs / 1_000),
      ["consumer"],
    );
    telemetry.gauge(
      "pigonair_consumer_lag_flights",
      "Flights with something that a consumer of the journal has not finished.",
      () => this.#lags(({ flights }) => flights),
      ["consumer"],
    );
  }

  #lags(of: (lag: Lag) => number): readonly Sample[] {
    return this.#followers.map((each) => ({ labels: { consumer: each.consumer }, value: of(each.lag()) }));
  }

  start(): void {
    const { bus, reconciler, consumers } = this.#options;
    reconciler.start();
    const interests = new Set([...MONEY_EVENTS, ...consumers.flatMap((consumer) => consumer.interests)]);
    const unsubscribes = Array.from(interests, (type) =>
      bus.subscribe(journalSubject(type), (hint) => this.#hear(hint)),
    );
    this.#unsubscribe = () => {
      for (const unsubscribe of unsubscribes) unsubscribe();
    };
    this.#following = this.#follow();
  }

  /** Begins nothing new, and ends when what was begun has ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#unsubscribe();
    this.#wake();
    await Promise.all([this.#following, this.#options.reconciler.stop()]);
  }

  #hear(hint: JournalHint): void {
    for (const relay of this.#relays) relay.hear(hint);
    if (MONEY_EVENTS.includes(hint.type)) this.#options.reconciler.wake();
  }

  async #follow(): Promise<void> {
    while (!this.#isStopping) {
      const held = await this.#take();
      if (held === null) {
        await this.#untilStop((wake) => void this.#options.clock.after(LOOK_MS, wake));
        continue;
      }
      this.#relays = this.#options.consumers.map((consumer) => new Relay({ ...this.#options, ...consumer }));
      this.#followers = [...this.#relays, ...(this.#options.others ?? [])];
      for (const follower of this.#followers) follower.start();
      await this.#untilStop((wake) => void held.lost.then(wake));
      const followers = this.#followers;
      this.#relays = [];
      this.#followers = [];
      await Promise.all(followers.map((follower) => follower.stop()));
      await held.release();
    }
  }

  async #take(): Promise<HeldLock | null> {
    try {
      return await this.#options.lock.take(LOCK);
    } catch (cause) {
      this.#options.telemetry.log.debug({ err: cause }, "the lock of those who follow the journal is out of reach");
      return null;
    }
  }

  /** Until it is to stop, or what `or` waits for. Not a race against one promise of the stop, which would keep something of each look. */
  #untilStop(or: (wake: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#isStopping) resolve();
      else or(resolve);
    });
  }
}

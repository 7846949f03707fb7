/** Owns the loop that looks at every attempt when its time has come, so that no payment depends on a webhook; guards I8. */

import { assert } from "../../actors/assert.ts";
import type { Clock, Timer } from "../../actors/clock.ts";
import type { AttemptId } from "../../actors/domain/ids.ts";
import type { Log, Telemetry } from "../../actors/telemetry.ts";
import type { BookedPayment, PaymentBook } from "./payment-book.ts";
import type { Settlement } from "./settlement.ts";

/** How soon a look that became due is begun without a hint. */
export const POLL_INTERVAL_MS = 500;

/** One look is one or two calls to the provider, of seconds each when it is slow. */
export const LOOKS_AT_ONCE_MAX = 16;

/** A payment that is still open so long after its deadline needs a person. */
export const STUCK_AFTER_MS = 120_000;
export const STUCK_COUNT_INTERVAL_MS = 10_000;

export interface ReconcilerOptions {
  readonly book: PaymentBook;
  readonly settlement: Settlement;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export class Reconciler {
  readonly #book: PaymentBook;
  readonly #settlement: Settlement;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #looking = new Map<AttemptId, Promise<void>>();
  #isRunning = false;
  #polling: Promise<void> | null = null;
  /** Another poll is to follow the present one at once. */
  #isWoken = false;
  /** More may be due than could be begun: whatever ends makes room for it. */
  #hasBacklog = false;
  #timer: Timer | null = null;
  #stuck = 0;
  #stuckCountedMs: number | null = null;

  constructor({ book, settlement, clock, telemetry }: ReconcilerOptions) {
    this.#book = book;
    this.#settlement = settlement;
    this.#clock = clock;
    this.#log = telemetry.log;
    telemetry.gauge("pigonair_payment_stuck", "Attempts still open well after their deadline.", () => this.#stuck);
  }

  start(): void {
    assert(!this.#isRunning, "a reconciler is started once");
    this.#isRunning = true;
    this.wake();
  }

  /** Looks at once for what is due: after a commit that left a refund or a payment to be cancelled. Harmless at any time. */
  wake(): void {
    if (!this.#isRunning) return;
    if (this.#polling !== null) {
      this.#isWoken = true;
      return;
    }
    this.#isWoken = false;
    this.#timer?.cancel();
    this.#polling = this.#poll().finally(() => {
      this.#polling = null;
      if (this.#isWoken) this.wake();
      else if (this.#isRunning) this.#timer = this.#clock.after(POLL_INTERVAL_MS, () => this.wake());
    });
  }

  /** Begins nothing new, and waits for the looks that run. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#timer?.cancel();
    await this.#polling;
    await Promise.all(this.#looking.values());
  }

  async #poll(): Promise<void> {
    try {
      const nowMs = this.#clock.nowMs();
      // Those that are being looked at are still due; with this limit there is one more for each that is free.
      const due = await this.#book.due(nowMs, LOOKS_AT_ONCE_MAX);
      this.#hasBacklog = due.length === LOOKS_AT_ONCE_MAX;
      for (const payment of due) {
        if (!this.#isRunning || this.#looking.size === LOOKS_AT_ONCE_MAX) break;
        if (!this.#looking.has(payment.id)) this.#looking.set(payment.id, this.#look(payment));
      }
      await this.#countStuck(nowMs);
    } catch (error) {
      this.#log.error({ err: error }, "payments could not be reconciled");
    }
  }

  async #look(payment: BookedPayment): Promise<void> {
    let isRecorded = true;
    try {
      await this.#settlement.look(payment);
    } catch (error) {
      isRecorded = false;
      this.#log.error({ attempt: payment.id, err: error }, "a look at a payment was not recorded");
    }
    this.#looking.delete(payment.id);
    // What was not recorded is still due: it waits for the next poll, or a database that is down would be asked without a pause.
    if (isRecorded && this.#hasBacklog) this.wake();
  }

  async #countStuck(nowMs: number): Promise<void> {
    if (this.#stuckCountedMs !== null && nowMs - this.#stuckCountedMs < STUCK_COUNT_INTERVAL_MS) return;
    this.#stuckCountedMs = nowMs;
    this.#stuck = await this.#book.countPendingSince(nowMs - STUCK_AFTER_MS);
  }
}

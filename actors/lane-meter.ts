/** Owns what a lane measures of itself: how long commands wait, how large batches are, how long commits take, how busy it is. */

import type { Clock } from "./clock.ts";
import type { Batch, CommitOutcome } from "./journal.ts";
import type { Mail } from "./mailbox.ts";
import { stageTimes } from "./stages.ts";
import type { Histogram, Telemetry } from "./telemetry.ts";

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Weight of the newest batch in the moving averages. */
const NEWEST = 0.1;

export class LaneMeter {
  readonly #clock: Clock;
  readonly #took: ReturnType<typeof stageTimes>;
  readonly #commits: Histogram;
  readonly #flights: Histogram;
  readonly #commands: Histogram;
  /** How many commands one batch may hold. */
  readonly #batchMax: number;
  /** Moving average of milliseconds a batch. */
  #msPerBatch = 0;
  #busyMs = 0;
  /** Since when a batch has been on its way; null while none is. */
  #busySinceMs: number | null = null;

  constructor(telemetry: Telemetry, clock: Clock, batchMax: number) {
    this.#clock = clock;
    this.#batchMax = batchMax;
    this.#took = stageTimes(telemetry);
    this.#commits = telemetry.histogram("pigonair_commit_seconds", "One try of one batch, by outcome.", SECONDS, [
      "outcome",
    ]);
    this.#flights = telemetry.histogram("pigonair_batch_flights", "Flights in one batch.", SIZES);
    this.#commands = telemetry.histogram("pigonair_batch_commands", "Commands in one batch.", SIZES);
  }

  /** How long a batch has been on its way, of all the time that there was, in milliseconds. */
  get busyMs(): number {
    return this.#busyMs + (this.#busySinceMs === null ? 0 : this.#clock.monotonicMs() - this.#busySinceMs);
  }

  /** @returns how long it has waited, in milliseconds */
  taken(mail: Mail): number {
    mail.takenMs = this.#clock.monotonicMs();
    const waitedMs = mail.takenMs - mail.arrivedMs;
    this.#took("mailbox", waitedMs);
    return waitedMs;
  }

  decided(mail: Mail): void {
    mail.decidedMs = this.#clock.monotonicMs();
    if (mail.takenMs !== undefined) this.#took("decide", mail.decidedMs - mail.takenMs);
  }

  /** A batch is on its way from now on, whatever number of tries it takes. */
  shipping(commands: number): void {
    this.#busySinceMs = this.#clock.monotonicMs();
    this.#commands.record(commands);
  }

  /** When the batch that is on its way was sent, by the monotonic clock. */
  get shippedMs(): number {
    return this.#busySinceMs ?? this.#clock.monotonicMs();
  }

  /** It has come to a definite end. */
  shipped(): void {
    this.#busyMs = this.busyMs;
    this.#busySinceMs = null;
  }

  /** These commands are durable, and their answers leave. @returns when, by the monotonic clock */
  answered(decided: readonly { readonly mail: Mail }[]): number {
    const nowMs = this.#clock.monotonicMs();
    for (const { mail } of decided) {
      if (mail.decidedMs !== undefined) this.#took("commit", nowMs - mail.decidedMs);
    }
    return nowMs;
  }

  async time(batch: Batch, commit: () => Promise<CommitOutcome>): Promise<CommitOutcome> {
    const startedMs = this.#clock.monotonicMs();
    const outcome = await commit();
    const tookMs = this.#clock.monotonicMs() - startedMs;
    this.#commits.record(tookMs / 1_000, { outcome: outcome.kind });
    this.#flights.record(batch.flights.length);
    this.#msPerBatch = this.#msPerBatch === 0 ? tookMs : (1 - NEWEST) * this.#msPerBatch + NEWEST * tookMs;
    return outcome;
  }

  /** By whole batches, since a batch takes hardly longer for a crowd than for one: what a lone command took says nothing of many. */
  predictWaitMs(ahead: number): number {
    return Math.ceil(ahead / this.#batchMax) * this.#msPerBatch;
  }
}

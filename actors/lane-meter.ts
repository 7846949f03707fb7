/** Owns what a lane measures of itself: how long commands wait, how large batches are, how long commits take. */

import type { Clock } from "./clock.ts";
import type { Batch, CommitOutcome } from "./journal.ts";
import type { Mail } from "./mailbox.ts";
import type { Histogram, Telemetry } from "./telemetry.ts";

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const DECISION_SECONDS = [0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025];
const FLIGHTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Weight of the newest batch in the moving averages. */
const NEWEST = 0.1;

export class LaneMeter {
  readonly #clock: Clock;
  readonly #waits: Histogram;
  readonly #decisions: Histogram;
  readonly #commitWaits: Histogram;
  readonly #whole: Histogram;
  readonly #commits: Histogram;
  readonly #flights: Histogram;
  /** How many commands one batch may hold. */
  readonly #batchMax: number;
  /** Moving average of milliseconds a batch. */
  #msPerBatch = 0;

  constructor(telemetry: Telemetry, clock: Clock, batchMax: number) {
    this.#clock = clock;
    this.#batchMax = batchMax;
    this.#waits = telemetry.histogram(
      "pigonair_mailbox_wait_seconds",
      "From a command's coming to its decision.",
      SECONDS,
    );
    this.#decisions = telemetry.histogram("pigonair_decide_seconds", "Deciding one command.", DECISION_SECONDS);
    this.#commitWaits = telemetry.histogram(
      "pigonair_commit_wait_seconds",
      "From a command's decision to its answer: the batch ahead of its own, and the transaction.",
      SECONDS,
    );
    this.#whole = telemetry.histogram("pigonair_host_seconds", "From a command's coming to its answer.", SECONDS);
    this.#commits = telemetry.histogram("pigonair_commit_seconds", "One try of one batch, by outcome.", SECONDS, [
      "outcome",
    ]);
    this.#flights = telemetry.histogram("pigonair_batch_flights", "Flights in one batch.", FLIGHTS);
  }

  /** @returns how long it has waited, in milliseconds */
  taken(mail: Mail): number {
    mail.takenMs = this.#clock.monotonicMs();
    const waitedMs = mail.takenMs - mail.arrivedMs;
    this.#waits.record(waitedMs / 1_000);
    return waitedMs;
  }

  decided({ takenMs }: Mail): void {
    if (takenMs !== undefined) this.#decisions.record((this.#clock.monotonicMs() - takenMs) / 1_000);
  }

  /** These commands are durable, and their answers leave. */
  answered(decided: readonly { readonly mail: Mail }[]): void {
    const nowMs = this.#clock.monotonicMs();
    for (const { mail } of decided) {
      this.#whole.record((nowMs - mail.arrivedMs) / 1_000);
      if (mail.takenMs !== undefined) this.#commitWaits.record((nowMs - mail.takenMs) / 1_000);
    }
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

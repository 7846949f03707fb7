/** Owns what a lane measures of itself: how long commands wait, how large batches are, how long commits take. */

import type { Clock } from "./clock.ts";
import type { Batch, CommitOutcome } from "./journal.ts";
import type { Mail } from "./mailbox.ts";
import type { Histogram, Telemetry } from "./telemetry.ts";

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const FLIGHTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** Weight of the newest batch in the moving averages. */
const NEWEST = 0.1;

export class LaneMeter {
  readonly #clock: Clock;
  readonly #waits: Histogram;
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
    this.#commits = telemetry.histogram("pigonair_commit_seconds", "One try of one batch, by outcome.", SECONDS, [
      "outcome",
    ]);
    this.#flights = telemetry.histogram("pigonair_batch_flights", "Flights in one batch.", FLIGHTS);
  }

  /** @returns how long it has waited, in milliseconds */
  taken(mail: Mail): number {
    const waitedMs = this.#clock.monotonicMs() - mail.arrivedMs;
    this.#waits.record(waitedMs / 1_000);
    return waitedMs;
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

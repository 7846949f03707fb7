/** Owns the requests of load runs, which mark themselves by a header: measured apart, so that a run doesn't hide how members fare. */

import type { RunMeasure } from "../../actors/bus/subjects.ts";
import type { Clock } from "../../actors/clock.ts";
import type { Counter, Histogram, Telemetry } from "../../actors/telemetry.ts";
import { StepHistogram } from "./step-histogram.ts";

const RUN_HEADER = "x-load-run";

const RUN_NAME = /^[A-Za-z0-9._-]{1,32}$/;

/** Runs that are told apart at once; anybody may make a name up. */
const RUNS_MAX = 8;

/**
 * A run that has been quiet for so long may give its place to the next, in milliseconds: its figures have been read several times by then, and
 * runs of half a minute that follow each other are all shown.
 */
const QUIET_MS = 120_000;

/** Seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const OUTCOMES = ["ok", "refused", "failed"] as const;

interface Run {
  readonly name: string;
  readonly durations: StepHistogram;
  failed: number;
  /** By the monotonic clock. */
  usedMs: number;
}

export class LoadRuns {
  readonly #clock: Clock;
  readonly #seconds: Histogram;
  readonly #requests: Counter;
  readonly #runs = new Map<string, Run>();

  constructor(clock: Clock, telemetry: Telemetry) {
    this.#clock = clock;
    this.#seconds = telemetry.histogram(
      "pigonair_load_run_seconds",
      "Time from a request's head to its answer, of requests that a load run has marked.",
      BUCKETS,
      ["run"],
    );
    this.#requests = telemetry.counter(
      "pigonair_load_run_requests_total",
      "Requests that a load run has marked: `refused` with 4xx, `failed` with 5xx.",
      ["run", "outcome"],
    );
  }

  record(headers: Headers, status: number, durationMs: number): void {
    const name = headers.get(RUN_HEADER);
    if (name === null) return;
    const run = this.#runs.get(name) ?? this.#begin(name);
    if (run === null) return;
    run.usedMs = this.#clock.monotonicMs();
    run.durations.record(durationMs / 1_000);
    if (status >= 500) run.failed += 1;
    this.#seconds.record(durationMs / 1_000, { run: name });
    this.#requests.add(1, { run: name, outcome: status < 400 ? "ok" : status < 500 ? "refused" : "failed" });
  }

  /** What there was of each since the last call. */
  take(): readonly RunMeasure[] {
    const taken: RunMeasure[] = [];
    for (const run of this.#runs.values()) {
      if (run.durations.count > 0) taken.push({ run: run.name, failed: run.failed, ...run.durations.take() });
      run.failed = 0;
    }
    return taken;
  }

  #begin(name: string): Run | null {
    if (!RUN_NAME.test(name)) return null;
    if (this.#runs.size >= RUNS_MAX && !this.#makeRoom()) return null;
    const run = { name, durations: new StepHistogram(), failed: 0, usedMs: this.#clock.monotonicMs() };
    this.#runs.set(name, run);
    return run;
  }

  /** Whether a run was quiet for so long that its place is free now: the one that was quiet for longest. */
  #makeRoom(): boolean {
    const [quietest] = [...this.#runs.values()].sort((a, b) => a.usedMs - b.usedMs);
    if (quietest === undefined || this.#clock.monotonicMs() - quietest.usedMs < QUIET_MS) return false;
    const { name } = quietest;
    this.#runs.delete(name);
    this.#seconds.forget?.({ run: name });
    for (const outcome of OUTCOMES) this.#requests.forget?.({ run: name, outcome });
    return true;
  }
}

/** Owns the requests of load runs, which mark themselves by a header: measured apart, so that a run doesn't hide how members fare. */

import type { RunMeasure } from "../../actors/bus/subjects.ts";
import { StepHistogram } from "./step-histogram.ts";

const RUN_HEADER = "x-load-run";

const RUN_NAME = /^[A-Za-z0-9._-]{1,32}$/;

/** Runs that are told apart at once; anybody may make a name up. */
const RUNS_MAX = 8;

interface Run {
  readonly durations: StepHistogram;
  failed: number;
}

export class LoadRuns {
  readonly #runs = new Map<string, Run>();

  record(headers: Headers, status: number, durationMs: number): void {
    const name = headers.get(RUN_HEADER);
    if (name === null) return;
    const run = this.#runs.get(name) ?? this.#begin(name);
    if (run === null) return;
    run.durations.record(durationMs / 1_000);
    if (status >= 500) run.failed += 1;
  }

  /** What there was of each since the last call; a run that has gone quiet is forgotten. */
  take(): readonly RunMeasure[] {
    const taken: RunMeasure[] = [];
    for (const [run, { durations, failed }] of this.#runs) {
      if (durations.count === 0) this.#runs.delete(run);
      else taken.push({ run, failed, ...durations.take() });
    }
    for (const run of this.#runs.values()) run.failed = 0;
    return taken;
  }

  #begin(name: string): Run | null {
    if (this.#runs.size >= RUNS_MAX || !RUN_NAME.test(name)) return null;
    const run = { durations: new StepHistogram(), failed: 0 };
    this.#runs.set(name, run);
    return run;
  }
}

/** Owns the counts of one load run: what became of each request that counts. */
import { Histogram } from "./histogram.ts";
import type { FailureKind, LoadResult } from "./result.ts";

/** A server with more problem codes than these is counted under "other" beyond them. */
const PROBLEM_CODES_MAX = 100;

export class Recorder {
  readonly #latencies = new Histogram();
  readonly #byStatus = new Map<number, number>();
  readonly #byProblem = new Map<string, number>();
  readonly #byFailure: Record<FailureKind, number> = { connect: 0, broken: 0, malformed: 0, timeout: 0 };
  reconnects = 0;

  answered(latencyMs: number, status: number, problemCode: string | null): void {
    this.#latencies.record(latencyMs * 1000);
    add(this.#byStatus, status);
    if (problemCode === null) return;
    const isKnown = this.#byProblem.size < PROBLEM_CODES_MAX || this.#byProblem.has(problemCode);
    add(this.#byProblem, isKnown ? problemCode : "other");
  }

  failed(kind: FailureKind): void {
    this.#byFailure[kind]++;
  }

  result(windowMs: number, cpu: LoadResult["cpu"]): LoadResult {
    const { total, maxUs } = this.#latencies;
    const { connect, broken, malformed, timeout } = this.#byFailure;
    return {
      requests: total,
      windowMs,
      ratePerSecond: total / (windowMs / 1000),
      byStatus: Object.fromEntries(this.#byStatus),
      byProblem: Object.fromEntries(this.#byProblem),
      p50Ms: this.#latencies.percentileUs(50) / 1000,
      p90Ms: this.#latencies.percentileUs(90) / 1000,
      p99Ms: this.#latencies.percentileUs(99) / 1000,
      p999Ms: this.#latencies.percentileUs(99.9) / 1000,
      maxMs: maxUs / 1000,
      errors: connect + broken + malformed + timeout,
      byFailure: this.#byFailure,
      reconnects: this.reconnects,
      cpu,
    };
  }
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Owns the counts of one load run: what became of each request that counts, in all and second by second. */
import { Histogram } from "./histogram.ts";
import type { FailureKind, LoadResult, Quantiles, SecondOfRun } from "./result.ts";

/** A server with more problem codes than these is counted under "other" beyond them. */
const PROBLEM_CODES_MAX = 100;

/** The time line of a longer run ends with a second that holds all the rest. */
const SECONDS_MAX = 600;

class Second {
  readonly latencies = new Histogram();
  accepted = 0;
  refused = 0;
  failed = 0;
  notSent = 0;

  view(second: number): SecondOfRun {
    const { accepted, refused, failed, notSent } = this;
    const [p50Ms, p99Ms] = [this.latencies.percentileUs(50) / 1_000, this.latencies.percentileUs(99) / 1_000];
    return { second, accepted, refused, failed, notSent, p50Ms, p99Ms };
  }
}

export class Recorder {
  readonly #latencies = new Histogram();
  readonly #accepted = new Histogram();
  readonly #byStatus = new Map<number, number>();
  readonly #byProblem = new Map<string, number>();
  readonly #byFailure: Record<FailureKind, number> = { connect: 0, broken: 0, malformed: 0, timeout: 0 };
  readonly #seconds: Second[] = [];
  #beganAtMs: number | null = null;
  #endsAtMs = Number.POSITIVE_INFINITY;
  #answeredInWindow = 0;
  #acceptedInWindow = 0;
  reconnects = 0;

  /** The window begins. @param nowMs on the clock of `performance.now()`, as everywhere here */
  begin(nowMs: number): void {
    this.#beganAtMs = nowMs;
  }

  /** The window is over: what is answered from now on is not in its rate. */
  end(nowMs: number): void {
    this.#endsAtMs = nowMs;
  }

  /**
   * An answer came, to whatever was sent in the window or before it. A rate that left those out of before would make whoever answers slowly
   * seem slower by all that was on its way.
   */
  came(status: number, nowMs: number): void {
    if (this.#beganAtMs === null || nowMs < this.#beganAtMs || nowMs > this.#endsAtMs) return;
    this.#answeredInWindow += 1;
    if (isAccepted(status)) this.#acceptedInWindow += 1;
  }

  /** The answer to a request that counts. */
  answered(latencyMs: number, status: number, problemCode: string | null, nowMs: number): void {
    const latencyUs = latencyMs * 1_000;
    const second = this.#secondAt(nowMs);
    this.#latencies.record(latencyUs);
    second.latencies.record(latencyUs);
    add(this.#byStatus, status);
    if (isAccepted(status)) {
      this.#accepted.record(latencyUs);
      second.accepted += 1;
    } else {
      second.refused += 1;
    }
    if (problemCode === null) return;
    const isKnown = this.#byProblem.size < PROBLEM_CODES_MAX || this.#byProblem.has(problemCode);
    add(this.#byProblem, isKnown ? problemCode : "other");
  }

  failed(kind: FailureKind, nowMs: number): void {
    this.#byFailure[kind]++;
    this.#secondAt(nowMs).failed += 1;
  }

  notSent(nowMs: number): void {
    this.#secondAt(nowMs).notSent += 1;
  }

  result(windowMs: number, cpu: LoadResult["cpu"], acks: LoadResult["acks"], sent: number): LoadResult {
    const { connect, broken, malformed, timeout } = this.#byFailure;
    const { count, ...latencies } = quantiles(this.#latencies);
    return {
      sent,
      requests: count,
      windowMs,
      ratePerSecond: this.#answeredInWindow / (windowMs / 1000),
      acceptedPerSecond: this.#acceptedInWindow / (windowMs / 1000),
      byStatus: Object.fromEntries(this.#byStatus),
      byProblem: Object.fromEntries(this.#byProblem),
      ...latencies,
      accepted: quantiles(this.#accepted),
      seconds: Array.from(this.#seconds, (second, at) => second.view(at)),
      errors: connect + broken + malformed + timeout,
      byFailure: this.#byFailure,
      reconnects: this.reconnects,
      acks,
      cpu,
    };
  }

  #secondAt(nowMs: number): Second {
    const at = Math.min(SECONDS_MAX - 1, Math.max(0, Math.floor((nowMs - (this.#beganAtMs ?? nowMs)) / 1_000)));
    while (this.#seconds.length <= at) this.#seconds.push(new Second());
    const second = this.#seconds[at];
    if (second === undefined) throw new Error("every second is there up to this one");
    return second;
  }
}

export function quantiles(histogram: Histogram): Quantiles {
  const at = (percent: number): number => histogram.percentileUs(percent) / 1_000;
  return {
    count: histogram.total,
    p50Ms: at(50),
    p90Ms: at(90),
    p99Ms: at(99),
    p999Ms: at(99.9),
    maxMs: histogram.maxUs / 1_000,
  };
}

function isAccepted(status: number): boolean {
  return status >= 200 && status < 300;
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Owns what a load run is told and what it reports: plain JSON, because both cross a process boundary. */
import type { Arrivals } from "./schedule.ts";

/** What every load is told, however it sends. */
export interface LoadBase {
  /** The server's origin, as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** How many connections are kept open; each has one request in flight. */
  readonly connections: number;
  /** How long opening all of them may take. @default 10000 */
  readonly openTimeoutMs?: number;
  /** How long requests are sent before those that count. */
  readonly warmUpMs: number;
  /** After how long without an answer a request has failed, and its connection is made anew. @default 30000 */
  readonly timeoutMs?: number;
  /** Path or URL of a module that exports `createPlan` (see plan.ts). */
  readonly plan: string;
  /** What `createPlan` is given. */
  readonly options: unknown;
  /** Processes whose CPU time is measured over the same window, by their ids. */
  readonly watchPids?: readonly number[];
  /** Where every acknowledged hold is written, warm-up included, for {@link readAcks}. @default nowhere */
  readonly acksFile?: string;
}

/** Closed loop: the answers set the rate. */
export interface LoadConfig extends LoadBase {
  /** How long requests that count are sent. */
  readonly durationMs: number;
  /** Ends the run earlier, once so many requests that count were sent. */
  readonly requestsMax?: number;
}

/** Open loop: the schedule sets the rate; `warmUpMs` is its first part, which doesn't count. */
export interface OpenLoadConfig extends LoadBase {
  readonly arrivals: Arrivals;
  /** How long a request may wait for a free connection; then it is counted as not sent. */
  readonly patienceMs: number;
}

/** `connect`: no connection. `broken`: it ended before the answer did. `malformed`: the answer isn't HTTP. `timeout`: no answer in time. */
export type FailureKind = "connect" | "broken" | "malformed" | "timeout";

export interface CpuTime {
  readonly userMs: number;
  readonly systemMs: number;
}

/** Of latencies, in milliseconds. */
export interface Quantiles {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** One second of a run, the first being 0; requests are counted where their answers came. */
export interface SecondOfRun {
  readonly second: number;
  /** 2xx */
  readonly accepted: number;
  /** Every other status. */
  readonly refused: number;
  readonly failed: number;
  readonly notSent: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Each request that was sent in the window is among `requests`, or among `errors` if it has no answer. */
export interface LoadResult {
  /** How many were sent in all, before the window and in it: the plan's numbers up to this one are used. */
  readonly sent: number;
  /** How many were answered, with whatever status. */
  readonly requests: number;
  /** How long the window was. */
  readonly windowMs: number;
  /** Answers that came in the window, a second, whenever their requests were sent. */
  readonly ratePerSecond: number;
  /** The same of answers with 2xx. */
  readonly acceptedPerSecond: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** By `code` of the problem documents that came with a status of 400 or more. */
  readonly byProblem: Readonly<Record<string, number>>;
  /** To the arrival of the answer's last byte: from the writing of the request (closed loop), or from when it was meant to be sent (open loop). */
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** The same, of the answers with 2xx alone. */
  readonly accepted: Quantiles;
  readonly seconds: readonly SecondOfRun[];
  /** Requests without an answer, and attempts to connect that failed. */
  readonly errors: number;
  readonly byFailure: Readonly<Record<FailureKind, number>>;
  /** How often a connection was made anew, for whatever reason. */
  readonly reconnects: number;
  /** Holds that were acknowledged, warm-up included, where they were asked for; `unreadable` ones name no reservation. */
  readonly acks: { readonly count: number; readonly unreadable: number };
  /** CPU time over the window of the generator and of the watched processes; null where it can't be read. */
  readonly cpu: { readonly self: CpuTime; readonly watched: Readonly<Record<string, CpuTime | null>> };
}

export interface OpenLoadResult extends LoadResult {
  /** Requests that the schedule has in the window: each is among `requests`, `errors` or `notSent`. */
  readonly arrivals: number;
  /** Requests that found no free connection for as long as they were patient. */
  readonly notSent: number;
  /** From the writing of the request to its answer: what the server took, without the wait for a connection. */
  readonly service: Quantiles;
  /** How much later than meant requests were sent. */
  readonly lateness: Quantiles;
}

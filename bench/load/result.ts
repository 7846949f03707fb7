/** Owns what a load run is told and what it reports: plain JSON, because both cross a process boundary. */

export interface LoadConfig {
  /** The server's origin, as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** How many connections are kept open; each has one request in flight. */
  readonly connections: number;
  /** How long opening all of them may take. @default 10000 */
  readonly openTimeoutMs?: number;
  /** How long requests are sent before those that count. */
  readonly warmUpMs: number;
  /** How long requests that count are sent. */
  readonly durationMs: number;
  /** Ends the run earlier, once so many requests that count were sent. */
  readonly requestsMax?: number;
  /** After how long without an answer a request has failed, and its connection is made anew. @default 30000 */
  readonly timeoutMs?: number;
  /** Path or URL of a module that exports `createPlan` (see plan.ts). */
  readonly plan: string;
  /** What `createPlan` is given. */
  readonly options: unknown;
  /** Processes whose CPU time is measured over the same window, by their ids. */
  readonly watchPids?: readonly number[];
}

/** `connect`: no connection. `broken`: it ended before the answer did. `malformed`: the answer isn't HTTP. `timeout`: no answer in time. */
export type FailureKind = "connect" | "broken" | "malformed" | "timeout";

export interface CpuTime {
  readonly userMs: number;
  readonly systemMs: number;
}

/** Each request that was sent in the window is among `requests`, or among `errors` if it has no answer. */
export interface LoadResult {
  /** How many were answered, with whatever status. */
  readonly requests: number;
  /** How long the window was. */
  readonly windowMs: number;
  readonly ratePerSecond: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** By `code` of the problem documents that came with a status of 400 or more. */
  readonly byProblem: Readonly<Record<string, number>>;
  /** From the writing of the request to the arrival of the answer's last byte. */
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** Requests without an answer, and attempts to connect that failed. */
  readonly errors: number;
  readonly byFailure: Readonly<Record<FailureKind, number>>;
  /** How often a connection was made anew, for whatever reason. */
  readonly reconnects: number;
  /** CPU time over the window of the generator and of the watched processes; null where it can't be read. */
  readonly cpu: { readonly self: CpuTime; readonly watched: Readonly<Record<string, CpuTime | null>> };
}

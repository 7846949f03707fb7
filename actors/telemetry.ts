/** Owns the port for metrics and logs that every layer needs; `http/telemetry` exports what is recorded here. */

export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(by?: number, labels?: Labels): void;
}

export interface Histogram {
  record(value: number, labels?: Labels): void;
}

/** One line a call, as JSON. Never personal data, tokens or secrets. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Names follow Prometheus: `pigonair_<what>_<unit>`, `_total` for counters. The same name gives the same instrument. */
export interface Telemetry {
  readonly log: Log;
  counter(name: string, help: string, labelNames?: readonly string[]): Counter;
  histogram(name: string, help: string, buckets: readonly number[], labelNames?: readonly string[]): Histogram;
  /** `read` is called when the metrics are collected. */
  gauge(name: string, help: string, read: () => number): void;
}

const NOTHING = (): void => {};

/** Records nothing: for tests and tools that don't look at metrics. */
export const silent: Telemetry = {
  log: { debug: NOTHING, info: NOTHING, warn: NOTHING, error: NOTHING },
  counter: () => ({ add: NOTHING }),
  histogram: () => ({ record: NOTHING }),
  gauge: NOTHING,
};

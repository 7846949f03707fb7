/** Owns the port for metrics and logs that every layer needs; `http/telemetry` exports what is recorded here. */

import type { Traces } from "./tracing.ts";

export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(by?: number, labels?: Labels): void;

  /** Shows these label values no more: for those whose number only stays bounded if old ones go. */
  forget?(labels: Labels): void;
}

export interface Histogram {
  record(value: number, labels?: Labels): void;

  /** As {@link Counter.forget}. */
  forget?(labels: Labels): void;
}

/** What a gauge with labels reads: one for each of their values. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export type Reading = number | readonly Sample[];

/** One line a call, as JSON. Never personal data, tokens or secrets. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** The log of one part of the program, which may have a level of its own. Missing where all have one. */
  part?(name: string): Log;
}

/**
 * Names follow Prometheus: `pigonair_<what>_<unit>`, `_total` for counters. The same name gives the same instrument. The values of labels come
 * from sets that are bounded and small: never an id of a flight, a member or a request.
 */
export interface Telemetry {
  readonly log: Log;
  /** Missing where nobody traces. */
  readonly traces?: Traces;
  counter(name: string, help: string, labelNames?: readonly string[]): Counter;
  histogram(name: string, help: string, buckets: readonly number[], labelNames?: readonly string[]): Histogram;
  /** `read` is called when the metrics are collected. */
  gauge(name: string, help: string, read: () => Reading, labelNames?: readonly string[]): void;

  /** A counter that somebody counts anyway: `read` is called when the metrics are collected, and never falls while the process lives. */
  total(name: string, help: string, read: () => Reading, labelNames?: readonly string[]): void;
}

/** The same services, whose log is that of one part of the program. */
export function ofPart<Services extends { readonly telemetry: Telemetry }>(services: Services, part: string): Services {
  const { telemetry } = services;
  return { ...services, telemetry: { ...telemetry, log: telemetry.log.part?.(part) ?? telemetry.log } };
}

const NOTHING = (): void => {};

/** Records nothing: for tests and tools that don't look at metrics. */
export const silent: Telemetry = {
  log: { debug: NOTHING, info: NOTHING, warn: NOTHING, error: NOTHING },
  counter: () => ({ add: NOTHING }),
  histogram: () => ({ record: NOTHING }),
  gauge: NOTHING,
  total: NOTHING,
};

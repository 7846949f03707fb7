/**
 * Owns the port for traces. A trace is handed on as a `traceparent` of W3C Trace Context; a span is told once it is over, from times that were
 * measured anyway, so that one which nobody keeps costs nothing. Whoever fails or is slow is kept, whatever was drawn at the beginning.
 */

export interface Span {
  readonly name: string;
  readonly kind: "server" | "client" | "internal" | "consumer";
  /** Its own traceparent. */
  readonly trace: string;
  /** The id of the span that it is a part of; null for the first of a trace. */
  readonly parentId: string | null;
  /** By the monotonic clock. */
  readonly startMs: number;
  readonly endMs: number;
  /** Never personal data, tokens or keys. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Traceparents of spans elsewhere that it has to do with. @default none */
  readonly links?: readonly string[];
  /** The code of what it failed with. @default it did not */
  readonly failure?: string;
}

export interface Traces {
  /** False: nothing is ever kept. */
  readonly isOn: boolean;

  /** Goes on with a trace that somebody else began, or begins one. @param given what was handed over; null for nothing */
  begin(given: string | null): string;

  /** For a part of a span. */
  child(trace: string): string;

  /** Whether a span of this trace is to be recorded. */
  keeps(trace: string, isFailure: boolean, tookMs: number): boolean;

  record(span: Span): void;
}

export const noTraces: Traces = {
  isOn: false,
  begin: (given) => given ?? "",
  child: (trace) => trace,
  keeps: () => false,
  record: () => {},
};

/** Version 0 of W3C Trace Context, which every later one can be read as. */
export const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

export function traceparent(traceId: string, spanId: string, isSampled: boolean): string {
  return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}

export function traceIdOf(trace: string): string {
  return trace.slice(3, 35);
}

export function spanIdOf(trace: string): string {
  return trace.slice(36, 52);
}

/** Whether whoever began the trace wants it whole. */
export function isSampled(trace: string): boolean {
  return (Number.parseInt(trace.slice(53), 16) & 1) === 1;
}

/** A commit is of many requests: its trace is its own, named by its batch, and they are linked. */
export function traceOfBatch(batchId: string): string {
  const id = batchId.replaceAll("-", "");
  return traceparent(id, id.slice(16), true);
}

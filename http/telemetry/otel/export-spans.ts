/** Owns the way of spans to a collector: gathered, sent by OTLP as the standard `OTEL_*` settings say, and thrown away where there are too many. */

import { type HrTime, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import type { Clock, Timer } from "../../../actors/clock.ts";
import type { Counter, Telemetry } from "../../../actors/telemetry.ts";
import { isSampled, type Span, spanIdOf, traceIdOf } from "../../../actors/tracing.ts";

/** Spans that wait; beyond, they are dropped. */
const WAITING_MAX = 2_048;
/** Spans of one message. */
const SENT_MAX = 512;
/** How long a span waits for others, in milliseconds. */
const GATHER_MS = 1_000;

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
  consumer: SpanKind.CONSUMER,
} as const;

export interface ExportOptions {
  readonly exporter: SpanExporter;
  /** By the names of OpenTelemetry's conventions. */
  readonly resource: Readonly<Record<string, string>>;
  /** Whose monotonic time the spans are in; what it is by the wall clock is asked of it as well. */
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export class SpanExport {
  readonly #options: ExportOptions;
  readonly #resource: Resource;
  readonly #spans: Counter;
  #waiting: ReadableSpan[] = [];
  #timer: Timer | null = null;
  #sending: Promise<void> | null = null;
  #isOut = false;

  constructor(options: ExportOptions) {
    this.#options = options;
    this.#resource = resourceFromAttributes({ ...options.resource });
    this.#spans = options.telemetry.counter("pigonair_trace_spans_total", "Spans, by what became of them.", [
      "outcome",
    ]);
  }

  add(span: Span): void {
    if (this.#waiting.length >= WAITING_MAX) {
      this.#spans.add(1, { outcome: "dropped" });
      return;
    }
    this.#waiting.push(this.#readable(span));
    if (this.#waiting.length >= SENT_MAX) this.#send();
    else this.#timer ??= this.#options.clock.after(GATHER_MS, () => this.#send());
  }

  /** Sends what waits, and ends. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#send();
    await this.#sending;
    await this.#options.exporter.shutdown();
  }

  #send(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#sending !== null || this.#waiting.length === 0) return;
    const spans = this.#waiting.splice(0, SENT_MAX);
    this.#sending = this.#export(spans).finally(() => {
      this.#sending = null;
      if (this.#waiting.length >= SENT_MAX) this.#send();
      else if (this.#waiting.length > 0) this.#timer ??= this.#options.clock.after(GATHER_MS, () => this.#send());
    });
  }

  #export(spans: ReadableSpan[]): Promise<void> {
    const { exporter, telemetry } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    exporter.export(spans, ({ code, error }) => {
      const hasGone = code === 0;
      this.#spans.add(spans.length, { outcome: hasGone ? "exported" : "dropped" });
      // Once, and again when it is back: a collector that is away for an hour would fill the log.
      if (!hasGone && !this.#isOut) telemetry.log.warn({ cause: error?.message }, "traces can't be sent");
      if (hasGone && this.#isOut) telemetry.log.info({}, "traces can be sent again");
      this.#isOut = !hasGone;
      resolve();
    });
    return promise;
  }

  #readable({ name, kind, trace, parentId, startMs, endMs, attributes, links = [], failure }: Span): ReadableSpan {
    const { clock } = this.#options;
    const offsetMs = clock.nowMs() - clock.monotonicMs();
    const contextOf = (of: string, spanId = spanIdOf(of)) => ({
      traceId: traceIdOf(of),
      spanId,
      traceFlags: isSampled(of) ? 1 : 0,
    });
    const context = contextOf(trace);
    return {
      name,
      kind: KINDS[kind],
      spanContext: () => context,
      ...(parentId === null
        ? {}
        : { parentSpanContext: { ...contextOf(trace, parentId), isRemote: kind !== "internal" } }),
      startTime: hrTime(startMs + offsetMs),
      endTime: hrTime(endMs + offsetMs),
      duration: hrTime(Math.max(0, endMs - startMs)),
      status: failure === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: failure },
      attributes: { ...attributes, ...(failure === undefined ? {} : { "error.type": failure }) },
      links: links.map((link) => ({ context: contextOf(link) })),
      events: [],
      ended: true,
      resource: this.#resource,
      instrumentationScope: { name: "pigonair" },
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  }
}

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - 1_000 * seconds) * 1e6)];
}

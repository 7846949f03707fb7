/** Owns the opening of traces: none, unless the settings name a collector; what exports them is loaded only then. */

import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { Clock } from "../../../actors/clock.ts";
import type { Entropy } from "../../../actors/entropy.ts";
import type { Telemetry } from "../../../actors/telemetry.ts";
import { noTraces, type Traces } from "../../../actors/tracing.ts";
import { KeptTraces, type Sampling } from "./kept-traces.ts";

export interface TraceSettings extends Sampling {
  readonly protocol: "http/protobuf" | "http/json";
  /** Where each trace is said to come from, by the names of OpenTelemetry's conventions. */
  readonly resource: Readonly<Record<string, string>>;
}

export interface OpenTraces {
  readonly traces: Traces;
  /** Sends what is left. */
  stop(): Promise<void>;
}

/** @param settings null: nobody collects traces */
export async function openTraces(
  settings: TraceSettings | null,
  ports: { readonly clock: Clock; readonly entropy: Entropy; readonly telemetry: Telemetry },
): Promise<OpenTraces> {
  if (settings === null) return { traces: noTraces, stop: () => Promise.resolve() };
  const exporter = await exporterOf(settings.protocol);
  const { SpanExport } = await import("./export-spans.ts");
  const spans = new SpanExport({ ...ports, exporter, resource: settings.resource });
  return {
    traces: new KeptTraces(ports.entropy, settings, (span) => spans.add(span)),
    stop: () => spans.stop(),
  };
}

/** They read address, headers, certificates and time-out from the standard settings themselves. */
async function exporterOf(protocol: TraceSettings["protocol"]): Promise<SpanExporter> {
  const { OTLPTraceExporter } =
    protocol === "http/json"
      ? await import("@opentelemetry/exporter-trace-otlp-http")
      : await import("@opentelemetry/exporter-trace-otlp-proto");
  return new OTLPTraceExporter();
}

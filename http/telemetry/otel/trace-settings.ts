/** Owns the settings of traces: the standard names of OpenTelemetry, and from when on a request is slow. */

import { address, oneOf, optional, optionalText, PAIRS, Refused, text, wholeNumber } from "../../../actors/settings.ts";
import type { TraceSettings } from "./open-traces.ts";

const ADDRESS = address(/^https?:\/\/\S+$/, "an http or https address");

const SAMPLERS = [
  "parentbased_traceidratio",
  "traceidratio",
  "parentbased_always_on",
  "always_on",
  "parentbased_always_off",
  "always_off",
] as const;

export const TRACE_SETTINGS = {
  OTEL_EXPORTER_OTLP_ENDPOINT: optionalText(
    "Collector of OpenTelemetry that traces are sent to, as `http://collector:4318`; without one there are none.",
    ADDRESS,
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optionalText(
    "The same for traces alone, with its path: `http://collector:4318/v1/traces`.",
    ADDRESS,
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(["http/protobuf", "http/json"], "http/protobuf", "How they are sent."),
  OTEL_EXPORTER_OTLP_HEADERS: optionalText("Headers that they are sent with: `name=value`, by commas.", PAIRS),
  OTEL_TRACES_SAMPLER: oneOf(
    SAMPLERS,
    "parentbased_traceidratio",
    "Which traces are kept whole; of the others, what failed or was slow is kept all the same.",
  ),
  OTEL_TRACES_SAMPLER_ARG: optional("The share of traces that are kept whole, from 0 to 1.", "`0.01`", (given) =>
    /^(?:0|1|0?\.\d+|1\.0+|0\.0*)$/.test(given) ? Number(given) : new Refused("must be a number from 0 to 1"),
  ),
  OTEL_SERVICE_NAME: text("pigonair", "What traces call this system."),
  OTEL_RESOURCE_ATTRIBUTES: optionalText("What else they say of it: `name=value`, by commas.", PAIRS),
  OTEL_SDK_DISABLED: oneOf(["true", "false"], "false", "`true` turns traces off, whatever else is set."),
  TRACE_SLOW_MS: wholeNumber(1_000, 1, 600_000, "From here a request is slow, and its trace kept."),
} as const;

type Values = {
  readonly [Name in keyof typeof TRACE_SETTINGS]: Exclude<ReturnType<(typeof TRACE_SETTINGS)[Name]["read"]>, Refused>;
};

const DEFAULT_RATIO = 0.01;

/** @param about of this process, by OpenTelemetry's names; null: nobody collects traces */
export function traceSettingsOf(values: Values, about: Readonly<Record<string, string>>): TraceSettings | null {
  const hasCollector =
    values.OTEL_EXPORTER_OTLP_ENDPOINT !== null || values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT !== null;
  if (!hasCollector || values.OTEL_SDK_DISABLED === "true") return null;
  const sampler = values.OTEL_TRACES_SAMPLER;
  const given = Object.fromEntries(
    (values.OTEL_RESOURCE_ATTRIBUTES ?? "")
      .split(",")
      .filter((pair) => pair !== "")
      .map((pair) => [
        pair.slice(0, pair.indexOf("=")).trim(),
        decodeURIComponent(pair.slice(pair.indexOf("=") + 1).trim()),
      ]),
  );
  return {
    protocol: values.OTEL_EXPORTER_OTLP_PROTOCOL,
    ratio: sampler.endsWith("always_on")
      ? 1
      : sampler.endsWith("always_off")
        ? 0
        : (values.OTEL_TRACES_SAMPLER_ARG ?? DEFAULT_RATIO),
    followsParent: sampler.startsWith("parentbased"),
    slowMs: values.TRACE_SLOW_MS,
    resource: { ...about, ...given, "service.name": values.OTEL_SERVICE_NAME },
  };
}

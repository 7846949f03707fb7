/** Goal: of all traces the share that was asked for is kept, and whoever fails or is slow besides; they reach a collector as the standard settings say. */

import { afterEach, expect, test } from "bun:test";
import { silent } from "../../actors/telemetry.ts";
import { isSampled, type Span, TRACEPARENT, traceIdOf } from "../../actors/tracing.ts";
import { readConfig } from "../../config.ts";
import { systemClock } from "../../db/system-clock.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { KeptTraces } from "../../http/telemetry/otel/kept-traces.ts";
import { openTraces } from "../../http/telemetry/otel/open-traces.ts";
import { RecordingTelemetry } from "../support/recording-telemetry.ts";
import { until } from "../support/until.ts";

const GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";

function kept(ratio: number, followsParent = true): KeptTraces {
  return new KeptTraces(systemEntropy(), { ratio, followsParent, slowMs: 1_000 }, () => {});
}

let stop: () => void = () => {};
afterEach(() => stop());

test("begin() keeps the share that was asked for, and gives each its own ids in W3C's form", () => {
  const traces = kept(0.1);
  const begun = Array.from({ length: 20_000 }, () => traces.begin(null));
  for (const trace of begun.slice(0, 100)) expect(trace).toMatch(TRACEPARENT);
  expect(new Set(begun.map(traceIdOf)).size).toBe(begun.length);
  // Six deviations off would be one run in half a billion.
  const share = begun.filter(isSampled).length / begun.length;
  expect(Math.abs(share - 0.1)).toBeLessThan(6 * Math.sqrt((0.1 * 0.9) / begun.length));
  expect(begun.every((trace) => isSampled(kept(1).begin(trace)) === isSampled(trace))).toBe(true);
});

test("begin() goes on with the trace that was handed over, and keeps it where its beginner does", () => {
  const trace = kept(0).begin(`${GIVEN}-01`);
  expect(traceIdOf(trace)).toBe(traceIdOf(GIVEN));
  expect(trace).not.toContain("00f067aa0ba902b7");
  expect([isSampled(trace), isSampled(kept(1).begin(`${GIVEN}-00`))]).toEqual([true, false]);
  expect(isSampled(kept(0, false).begin(`${GIVEN}-01`))).toBe(false);
  for (const wrong of [
    "",
    "00-0-0-01",
    `${GIVEN}-01-x`,
    GIVEN.replace("4bf9", "4BF9"),
    `00-${"0".repeat(32)}-00f067aa0ba902b7-01`,
  ])
    expect(traceIdOf(kept(1).begin(wrong)), wrong).not.toBe(traceIdOf(GIVEN));
});

test("keeps() what failed or was slow, whatever was drawn", () => {
  const traces = kept(0);
  const trace = traces.begin(null);
  expect(traces.keeps(trace, false, 999)).toBe(false);
  expect([traces.keeps(trace, true, 1), traces.keeps(trace, false, 1_000)]).toEqual([true, true]);
});

const SPAN: Span = {
  name: "flight hold",
  kind: "server",
  trace: `${GIVEN}-01`,
  parentId: null,
  startMs: 1,
  endMs: 2,
  attributes: { "pigonair.op": "hold" },
};

test("spans leave as protobuf by default; a collector that is away is named once, and none of it ends the program", async () => {
  const bodies: { type: string | null; bytes: Uint8Array }[] = [];
  let isAway = true;
  const collector = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      if (isAway) return new Response(null, { status: 400 });
      bodies.push({ type: request.headers.get("content-type"), bytes: await request.bytes() });
      return new Response(null);
    },
  });
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${collector.port}`;
  stop = () => {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    collector.stop(true);
  };
  const telemetry = new RecordingTelemetry();
  const reading = readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}` });
  if (!reading.ok) throw new Error("these are settings");
  const opened = await openTraces(reading.config.traces, { clock: systemClock(), entropy: systemEntropy(), telemetry });
  const spans = (outcome: string): number => telemetry.count(`pigonair_trace_spans_total{outcome=${outcome}}`);
  opened.traces.record(SPAN);
  await until(() => spans("dropped") === 1, "the collector's refusal", 20_000);
  opened.traces.record(SPAN);
  await until(() => spans("dropped") === 2, "its next refusal", 20_000);
  isAway = false;
  opened.traces.record(SPAN);
  await opened.stop();
  expect(spans("exported")).toBe(1);
  expect(telemetry.messages).toEqual(["traces can't be sent", "traces can be sent again"]);
  expect(bodies.map(({ type }) => type)).toEqual(["application/x-protobuf"]);
  const text = new TextDecoder().decode(bodies[0]?.bytes);
  for (const word of ["flight hold", "pigonair.op", "service.name"]) expect(text).toContain(word);
});

test("without a collector nobody traces", async () => {
  const reading = readConfig({});
  expect(reading.ok && reading.config.traces).toBeNull();
  const ports = { clock: systemClock(), entropy: systemEntropy(), telemetry: silent };
  expect((await openTraces(null, ports)).traces.isOn).toBe(false);
  const off = readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318", OTEL_SDK_DISABLED: "true" });
  expect(off.ok && off.config.traces).toBeNull();
});

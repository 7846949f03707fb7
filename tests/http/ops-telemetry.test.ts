// Goal: what is recorded through the telemetry port is what Prometheus reads and what stands in the log.

import { describe, expect, test } from "bun:test";
import { Histogram, Registry } from "prom-client";
import { silent } from "../../actors/telemetry.ts";
import { jsonLog } from "../../http/telemetry/json-log.ts";
import { prometheus } from "../../http/telemetry/prometheus.ts";

function sorted(texts: readonly string[]): string[] {
  return texts.toSorted((a, b) => (a < b ? -1 : 1));
}

/** The samples of one metric: neither they nor their labels have an order. */
function samplesOf(text: string, name: string): string[] {
  const samples = text.split("\n").filter((line) => line.startsWith(name));
  return sorted(
    samples.map((line) => line.replace(/\{(.*)\}/, (_, labels) => `{${sorted(labels.split(",")).join()}}`)),
  );
}

describe("prometheus()", () => {
  test("a histogram shows what prom-client's own shows of the same values", async () => {
    const name = "pigonair_test_seconds";
    const buckets = [0.1, 0.5, 1];
    const labelNames = ["route", "status"];
    const { telemetry, metrics } = prometheus(silent.log);
    const ours = telemetry.histogram(name, "A test", buckets, labelNames);
    const registers = [new Registry()];
    const theirs = new Histogram({ name, help: "A test", buckets, labelNames, registers });
    for (const status of ["200", "503"]) {
      for (const value of [0, 0.1, 0.100001, 0.5, 0.7, 1, 2, 100]) {
        ours.record(value, { route: '/a"b\\c', status });
        theirs.observe({ route: '/a"b\\c', status }, value);
      }
    }
    const expected = samplesOf((await registers[0]?.metrics()) ?? "", name);
    expect(expected.length).toBe(12);
    expect(samplesOf(await metrics.text(), name)).toEqual(expected);
  });

  test("the same name gives the same instrument", async () => {
    const { telemetry, metrics } = prometheus(silent.log);
    for (const each of [1, 2]) {
      telemetry.counter("pigonair_test_total", "A test", ["kind"]).add(each, { kind: "a" });
      telemetry.histogram("pigonair_test_seconds", "A test", [1]).record(each);
    }
    const text = await metrics.text();
    expect(text).toContain('pigonair_test_total{kind="a"} 3');
    expect(text).toContain("pigonair_test_seconds_count 2");
    expect(text).toContain("pigonair_test_seconds_sum 3");
    expect(() => telemetry.counter("pigonair_test_seconds", "A test")).toThrow("a counter everywhere");
  });

  test("a gauge is read when the metrics are", async () => {
    const { telemetry, metrics } = prometheus(silent.log);
    let waiting = 1;
    telemetry.gauge("pigonair_test_waiting", "A test", () => waiting);
    waiting = 7;
    expect(await metrics.text()).toContain("pigonair_test_waiting 7");
  });

  test("two in one process don't share anything", async () => {
    const [one, other] = [prometheus(silent.log), prometheus(silent.log)];
    one.telemetry.counter("pigonair_test_total", "A test").add();
    expect(await other.metrics.text()).not.toContain("pigonair_test_total");
  });
});

describe("jsonLog()", () => {
  test("writes one object a line, from its level on, with an error's message and stack", () => {
    const lines: string[] = [];
    const log = jsonLog("warn", { write: (line) => lines.push(line) });
    log.debug({}, "not this");
    log.info({}, "nor this");
    log.warn({ flightId: "XX-1" }, "slow\nwork");
    log.error({ err: new Error("broken") }, "failed");
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line.indexOf("\n")).toBe(line.length - 1);
    const [warning = "", failure = ""] = lines;
    expect(JSON.parse(warning)).toMatchObject({ level: "warn", flightId: "XX-1", msg: "slow\nwork" });
    expect(JSON.parse(failure)).toMatchObject({ level: "error", err: { message: "broken" } });
    expect(JSON.parse(failure).err.stack).toContain("ops-telemetry.test.ts");
  });

  test("silent writes nothing", () => {
    const lines: string[] = [];
    jsonLog("silent", { write: (line) => lines.push(line) }).error({}, "not this");
    expect(lines).toEqual([]);
  });
});

// Goal: what is recorded through the telemetry port is what Prometheus reads and what stands in the log.

import { describe, expect, spyOn, test } from "bun:test";
import v8 from "node:v8";
import { Histogram, Registry } from "prom-client";
import { InProcessBus } from "../../actors/bus/in-process.ts";
import { Refused } from "../../actors/settings.ts";
import { silent } from "../../actors/telemetry.ts";
import { DependencyWatch } from "../../http/ops/dependency-watch.ts";
import { Readiness } from "../../http/ops/readiness.ts";
import { JsonLog, readLogSettings } from "../../http/telemetry/json-log.ts";
import { prometheus } from "../../http/telemetry/prometheus.ts";
import { sharedLogLevels } from "../../http/telemetry/shared-log-levels.ts";
import { FakeClock } from "../support/fake-clock.ts";

function sorted(texts: readonly string[]): string[] {
  return texts.toSorted((a, b) => (a < b ? -1 : 1));
}

/** The names of a line's own fields, as they stand: JSON.parse() keeps the last of two that are the same, and others refuse the line. */
function namesIn(line: string): string[] {
  const flat = line.replaceAll(/:(\{(?:[^{}]|\{[^{}]*\})*\})/g, ":0");
  return Array.from(flat.matchAll(/[{,]"(\w+)":/g), ([, name = ""]) => name);
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

  test("reading them does not look through the whole heap, for which the process would stand still", async () => {
    const look = spyOn(v8, "getHeapSpaceStatistics");
    try {
      const { metrics } = prometheus(silent.log);
      look.mockClear();
      const text = await metrics.text();
      expect(text).toContain("nodejs_heap_size_used_bytes");
      expect(text).not.toContain("nodejs_heap_space_size");
      expect(look).toHaveBeenCalledTimes(0);
    } finally {
      look.mockRestore();
    }
  });

  test("two in one process don't share anything", async () => {
    const [one, other] = [prometheus(silent.log), prometheus(silent.log)];
    one.telemetry.counter("pigonair_test_total", "A test").add();
    expect(await other.metrics.text()).not.toContain("pigonair_test_total");
  });
});

describe("JsonLog", () => {
  const opened = (level: string) => {
    const lines: string[] = [];
    const settings = readLogSettings(level);
    if (settings instanceof Refused) throw new Error(settings.why);
    const log = new JsonLog(settings, {
      about: { role: "edge", host: "e1" },
      sink: { write: (line) => lines.push(line) },
    });
    return { log, lines };
  };

  test("writes one object a line, from its level on, with who says it, and an error's message and stack", () => {
    const { log: whole, lines } = opened("warn");
    const log = whole.part("http");
    log.debug({}, "not this");
    log.info({}, "nor this");
    log.warn({ flightId: "XX-1" }, "slow\nwork");
    log.error({ err: new Error("broken") }, "failed");
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line.indexOf("\n")).toBe(line.length - 1);
    const [warning = "", failure = ""] = lines;
    expect(JSON.parse(warning)).toMatchObject({
      level: "warn",
      role: "edge",
      host: "e1",
      part: "http",
      flightId: "XX-1",
      msg: "slow\nwork",
    });
    expect(JSON.parse(failure)).toMatchObject({ level: "error", err: { message: "broken" } });
    expect(JSON.parse(failure).err.stack).toContain("ops-telemetry.test.ts");
    expect(whole.lines).toEqual({ debug: 0, info: 0, warn: 1, error: 1 });
  });

  test("each part has its own level, which changes while it runs", () => {
    const { log, lines } = opened("warn,lane=debug,http=silent");
    const [lane, http, room] = [log.part("lane"), log.part("http"), log.part("room")];
    lane.debug({}, "1");
    http.error({}, "not this");
    room.info({}, "nor this");
    room.part?.("lane").debug({}, "2");
    log.change({ level: "info", parts: { lane: "error" } });
    lane.warn({}, "nor this");
    http.info({}, "3");
    room.info({}, "4");
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(["1", "2", "3", "4"]);
  });

  test("what an operator changes at one process reaches the others", () => {
    const bus = new InProcessBus();
    const [one, other] = [opened("warn"), opened("warn")];
    const levels = sharedLogLevels(one.log, bus, "one");
    sharedLogLevels(other.log, bus, "other");
    levels.change({ level: "error", parts: { lane: "debug" } });
    for (const { log } of [one, other]) expect(log.settings).toEqual({ level: "error", parts: { lane: "debug" } });
    // Each tells of it once, by a line whose own level nobody takes for the one that it tells of.
    levels.change({ level: "info", parts: { lane: "warn" } });
    for (const { lines } of [one, other]) {
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        { level: "info", part: "main", logged: { level: "info", parts: { lane: "warn" } } },
      ]);
      for (const line of lines) expect(namesIn(line)).toEqual([...new Set(namesIn(line))]);
    }
  });

  test("what is down is told by a line of which each field has a name of its own", async () => {
    const { log, lines } = opened("info");
    const clock = new FakeClock();
    let isDown = true;
    const check = async () => (isDown ? "no answer" : null);
    const watch = new DependencyWatch(
      clock,
      { ...silent, log: log.part("main") },
      new Readiness(clock, [{ name: "bus", check }]),
    );
    watch.start();
    while (lines.length < 1) await new Promise<void>((resolve) => clock.soon(resolve));
    isDown = false;
    clock.advance(2_000);
    while (lines.length < 2) await new Promise<void>((resolve) => clock.soon(resolve));
    watch.stop();
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { part: "main", check: "bus", reason: "no answer", msg: "a part is down" },
      { part: "main", check: "bus", msg: "a part is back" },
    ]);
    for (const line of lines) expect(namesIn(line)).toEqual([...new Set(namesIn(line))]);
  });

  test("silent writes nothing", () => {
    const { log, lines } = opened("silent");
    log.part("main").error({}, "not this");
    expect(lines).toEqual([]);
  });
});

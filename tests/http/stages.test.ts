/** Goal: operators are told the truth of each stage, second by second: how much, how long, how full, and which one limits. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { InProcessBus } from "../../actors/bus/in-process.ts";
import { BROADCASTS, type StageMeasure, type StageReport, stagesSubject } from "../../actors/bus/subjects.ts";
import { countingBus, meteredClient } from "../../actors/metered-client.ts";
import { silent } from "../../actors/telemetry.ts";
import { StageBoard } from "../../http/admin/stage-board.ts";
import { stagesView } from "../../http/admin/stage-view.ts";
import { LiveStreams } from "../../http/live/live-streams.ts";
import { LoadRuns } from "../../http/telemetry/load-runs.ts";
import { prometheus } from "../../http/telemetry/prometheus.ts";
import { StageReporter } from "../../http/telemetry/stage-reporter.ts";
import { StageWindows } from "../../http/telemetry/stage-windows.ts";
import { addedSteps, percentileMs, StepHistogram, stepsWithout } from "../../http/telemetry/step-histogram.ts";
import { EventReader } from "../support/event-reader.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { givenAdults, givenCommand } from "../support/given.ts";
import { GivenApp } from "../support/given-app.ts";
import { Visitor } from "../support/visitor.ts";

const IDLE: StageReport = {
  process: "p",
  name: "machine:1",
  isEdge: true,
  isHost: true,
  spanMs: 1_000,
  threadShare: 0.1,
  waiting: 0,
  waitingMax: 1_000,
  batchMax: 512,
  mailboxFullness: 0,
  laneShare: 0,
  calls: 0,
  attempts: 0,
  measures: [],
  runs: [],
};

function measured(measure: StageMeasure["measure"], ...seconds: readonly number[]): StageMeasure {
  const histogram = new StepHistogram();
  for (const each of seconds) histogram.record(each);
  return { measure, ...histogram.take() };
}

function times<T>(count: number, value: T): T[] {
  return new Array<T>(count).fill(value);
}

describe("StepHistogram", () => {
  test("tells a percentile at most 9 % too long, and never too short", () => {
    const duration = fc.double({ min: 1e-5, max: 50, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(duration, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (durations, share) => {
          const { steps } = measured("request", ...durations);
          const exactMs = 1_000 * ([...durations].sort((a, b) => a - b)[Math.ceil(share * durations.length) - 1] ?? 0);
          const toldMs = percentileMs(steps, share) ?? 0;
          expect(toldMs).toBeGreaterThanOrEqual(exactMs * (1 - 1e-9));
          expect(toldMs).toBeLessThanOrEqual(exactMs * 1.091);
        },
      ),
    );
  });

  test("take() begins anew, and what several have taken adds up to what one would have", () => {
    const histogram = new StepHistogram();
    for (const each of [0.001, 0.002, 4]) histogram.record(each);
    const first = histogram.take();
    expect(first).toMatchObject({ count: 3, sumMs: 4_003 });
    expect(histogram.take()).toEqual({ count: 0, sumMs: 0, steps: [] });
    for (const each of [0.002, 900]) histogram.record(each);
    const whole = addedSteps([first.steps, histogram.take().steps]);
    expect(whole).toEqual(measured("request", 0.001, 0.002, 4, 0.002, 900).steps);
    expect(stepsWithout(whole, [first.steps])).toEqual(measured("request", 0.002, 900).steps);
  });
});

describe("stagesView()", () => {
  function viewOf(...reports: readonly Partial<StageReport>[]) {
    return stagesView(
      reports.map((report) => ({ ...IDLE, ...report })),
      0,
    );
  }

  function stageOf(view: ReturnType<typeof viewOf>, name: string) {
    const found = view.stages.find(({ stage }) => stage === name);
    if (found === undefined) throw new Error(`no stage ${name}`);
    return found;
  }

  test("says of a system at rest that nothing limits, and of what was not measured nothing", () => {
    const view = viewOf({});
    expect(view.limiting).toBeNull();
    expect(view.stages.map(({ stage }) => stage)).toEqual(["edge", "bus", "mailbox", "decide", "commit", "database"]);
    for (const stage of view.stages) expect(stage).toMatchObject({ ratePerSecond: 0, p99Ms: null, timeShare: 0 });
  });

  test("adds the processes up, second by second", () => {
    const requests = measured("request", ...times(98, 0.01), 0.2, 0.2);
    const edge = stageOf(viewOf({ measures: [requests] }, { measures: [requests] }), "edge");
    expect(edge.ratePerSecond).toBe(200);
    expect(edge.p50Ms).toBeGreaterThan(9);
    expect(edge.p50Ms).toBeLessThan(11);
    expect(edge.p99Ms).toBeGreaterThanOrEqual(200);
  });

  test("the bus is as full as what was sent again", () => {
    const measures = [measured("bus", ...times(10, 0.004))];
    const bus = stageOf(viewOf({ measures, calls: 10, attempts: 20 }), "bus");
    expect(bus.p50Ms).toBeGreaterThanOrEqual(4);
    expect(bus.p50Ms).toBeLessThan(4.5);
    expect(bus.saturation).toBe(0.5);
  });

  test("names the thread of an edge that has no time left", () => {
    expect(viewOf({ threadShare: 0.97, isHost: false }).limiting).toBe("edge");
  });

  test("names the decisions of a host whose thread has no time left", () => {
    expect(viewOf({ threadShare: 0.97, isEdge: false }).limiting).toBe("decide");
  });

  test("names the database where its lane is never idle and requests wait for it most, and the commit where its batches are full", () => {
    const lane = [measured("database", ...times(20, 0.048)), measured("decide", ...times(20 * 5, 0.00001))];
    const waiting = measured("commit", ...times(20 * 5, 0.07));
    const view = viewOf({ laneShare: 0.96, measures: [...lane, waiting] });
    expect(view.limiting).toBe("database");
    expect(view.commandsPerBatch).toBe(5);
    expect(viewOf({ laneShare: 0.6, measures: [...lane, waiting] }).limiting).toBeNull();
    // The next batch gathers meanwhile: a lane that is always busy is nothing unusual.
    const elsewhere = measured("bus", ...times(20 * 5, 0.2));
    expect(viewOf({ laneShare: 0.96, measures: [...lane, waiting, elsewhere] }).limiting).toBeNull();
    const full = measured("decide", ...times(20 * 512, 0.00001));
    expect(viewOf({ measures: [measured("database", ...times(20, 0.03)), full] }).limiting).toBe("commit");
  });

  test("names the database out of which nothing comes any more, although callers ask again and again", () => {
    const measures = [measured("bus", ...times(5, 15))];
    expect(viewOf({ laneShare: 1, calls: 1, attempts: 40, measures }).limiting).toBe("database");
    expect(viewOf({ laneShare: 0, calls: 1, attempts: 40, measures }).limiting).toBe("bus");
  });

  test("names the mailboxes when they are full: that of one flight, or all together", () => {
    expect(viewOf({ waiting: 980 }).limiting).toBe("mailbox");
    expect(viewOf({ waiting: 100, mailboxFullness: 0.9, laneShare: 1, threadShare: 0.97 }).limiting).toBe("mailbox");
  });

  test("shares out the time of requests: all of it, and to each stage its own", () => {
    const view = viewOf({
      measures: [
        measured("request", ...times(10, 0.02)),
        measured("edge", ...times(10, 0.003)),
        measured("bus", ...times(10, 0.002)),
        measured("mailbox", ...times(10, 0.004)),
        measured("decide", ...times(10, 0.0001)),
        measured("commit", ...times(10, 0.01)),
        measured("reply", ...times(10, 0.001)),
        measured("database", 0.006),
      ],
      calls: 10,
      attempts: 10,
    });
    const shares = view.stages.map(({ timeShare }) => timeShare);
    expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1);
    expect(stageOf(view, "edge").timeShare).toBeCloseTo(0.2, 1);
    expect(stageOf(view, "bus").timeShare).toBeCloseTo(0.1, 1);
    expect(stageOf(view, "mailbox").timeShare).toBeCloseTo(0.2, 1);
    expect(stageOf(view, "database").timeShare).toBeCloseTo(0.3, 1);
  });

  test("shows a load run apart from everybody else", () => {
    const { steps, count, sumMs } = measured("request", ...times(90, 0.5));
    const view = viewOf({
      measures: [measured("request", ...times(90, 0.5), ...times(10, 0.004))],
      runs: [{ run: "evening", failed: 9, steps, count, sumMs }],
    });
    expect(view.runs).toMatchObject([{ run: "evening", ratePerSecond: 90, failedPerSecond: 9 }]);
    expect(view.members.ratePerSecond).toBe(10);
    expect(view.members.p99Ms).toBeLessThan(5);
  });
});

describe("LoadRuns", () => {
  const marked = (run: string): Headers => new Headers({ "x-load-run": run });

  test("counts what is marked, for the live view and for the metrics", async () => {
    const { telemetry, metrics } = prometheus(silent.log);
    const runs = new LoadRuns(new FakeClock(), telemetry);
    runs.record(marked("evening"), 201, 4);
    runs.record(marked("evening"), 409, 4);
    runs.record(marked("evening"), 503, 4);
    runs.record(new Headers(), 200, 4);
    expect(runs.take()).toMatchObject([{ run: "evening", count: 3, failed: 1 }]);
    expect(runs.take()).toEqual([]);
    const text = await metrics.text();
    expect(text).toContain('pigonair_load_run_seconds_count{run="evening"} 3');
    for (const outcome of ["ok", "refused", "failed"])
      expect(text).toContain(`pigonair_load_run_requests_total{run="evening",outcome="${outcome}"} 1`);
  });

  test("takes no more names than it can hold, none that is no name, and forgets the quiet ones for others", async () => {
    const clock = new FakeClock();
    const { telemetry, metrics } = prometheus(silent.log);
    const runs = new LoadRuns(clock, telemetry);
    const shown = async (): Promise<string[]> =>
      Array.from((await metrics.text()).matchAll(/load_run_seconds_count\{run="([^"]*)"/g), ([, run = ""]) => run);
    runs.record(marked("<script>"), 200, 1);
    for (let run = 0; run < 100; run++) runs.record(marked(`run-${run}`), 200, 1);
    expect(runs.take()).toHaveLength(8);
    expect(await shown()).toHaveLength(8);
    clock.advance(119_000);
    runs.record(marked("run-1"), 200, 1);
    clock.advance(1_000);
    for (let run = 200; run < 300; run++) runs.record(marked(`run-${run}`), 200, 1);
    expect(await shown()).toEqual(["run-1", ...Array.from({ length: 7 }, (_, at) => `run-${200 + at}`)]);
  });

  test("shows each of a series of short runs, however many: the place of the one that ended first is the next one's", () => {
    const clock = new FakeClock();
    const runs = new LoadRuns(clock, prometheus(silent.log).telemetry);
    for (let run = 0; run < 30; run++) {
      for (let second = 0; second < 30; second++) {
        runs.record(marked(`run-${run}`), 200, 1);
        // One that goes on all the time keeps its place.
        runs.record(marked("background"), 200, 1);
        clock.advance(1_000);
      }
      expect(runs.take().map(({ run: name, count }) => [name, count])).toContainEqual([`run-${run}`, 30]);
    }
    expect(runs.take()).toEqual([]);
    runs.record(marked("background"), 200, 1);
    expect(runs.take()).toHaveLength(1);
  });
});

describe("the board", () => {
  let clock: FakeClock;
  let bus: InProcessBus;
  let windows: StageWindows;
  let runs: LoadRuns;
  let reporter: StageReporter;
  let streams: LiveStreams;
  let board: StageBoard;

  beforeEach(() => {
    clock = new FakeClock();
    bus = new InProcessBus();
    windows = new StageWindows(silent);
    const { telemetry } = prometheus(silent.log);
    runs = new LoadRuns(clock, telemetry);
    streams = new LiveStreams(clock);
    const about = { process: "p1", name: "machine:1", isEdge: true, isHost: true, waitingMax: 100, batchMax: 512 };
    reporter = new StageReporter({ clock, telemetry, bus, windows, runs, ...about });
    reporter.start();
    board = new StageBoard(clock, bus, streams, telemetry);
  });

  afterEach(() => {
    reporter.stop();
    board.stop();
    streams.closeAll();
  });

  test("shows what the stages record through the telemetry, and each second its own", () => {
    const requests = windows.telemetry.histogram("pigonair_http_request_duration_seconds", "", [1]);
    requests.record(0.01);
    requests.record(0.01);
    clock.advance(1_000);
    requests.record(0.01);
    // What is reported in a second is read in the next.
    clock.advance(3_000);
    const rates = board.history.map(({ stages }) => stages[0]?.ratePerSecond);
    expect(rates).toEqual([2, 1, 0]);
    expect(board.history.at(-1)?.processes).toMatchObject([{ name: "machine:1", isEdge: true, waiting: 0 }]);
  });

  test("adds other processes that report on the bus, and forgets those that fell silent", () => {
    bus.publish(stagesSubject("p2"), {
      ...IDLE,
      process: "p2",
      name: "other:2",
      measures: [measured("request", 0.01)],
    });
    clock.advance(1_000);
    expect(board.history.at(-1)?.stages[0]?.ratePerSecond).toBeCloseTo(1);
    expect(board.history.at(-1)?.processes.map(({ name }) => name)).toEqual(["machine:1", "other:2"]);
    clock.advance(1_000);
    expect(board.history.at(-1)?.stages[0]?.ratePerSecond).toBe(0);
    clock.advance(4_000);
    expect(board.history.at(-1)?.processes.map(({ name }) => name)).toEqual(["machine:1"]);
  });

  test("tells who watches each second, and keeps two minutes for who comes later", async () => {
    clock.advance(300_000);
    expect(board.history).toHaveLength(120);
    const reader = new EventReader(board.open(new Request("http://api/"), null, () => true).body);
    clock.advance(1_000);
    const event = await reader.next();
    expect(event).toMatchObject({ event: "stages" });
    expect(event?.data).toMatchObject({ at: new Date(clock.nowMs()).toISOString(), limiting: null });
  });

  test("has a watcher come again when its access token has run out", async () => {
    // From the first report on the board reads each second.
    clock.advance(1_000);
    const reader = new EventReader(board.open(new Request("http://api/"), null, () => true).body);
    const heard: string[] = [];
    const read = async (): Promise<boolean> => {
      const event = await reader.next();
      if (event !== null) heard.push(event.event);
      return event !== null;
    };
    for (let second = 0, isOpen = true; second < 600 && isOpen; second++) {
      clock.advance(1_000);
      isOpen = await read();
    }
    while (heard.at(-1) !== "bye" && (await read()));
    expect(heard.at(-1)).toBe("bye");
    expect(heard.filter((event) => event === "stages")).toHaveLength(599);
    expect(streams.size).toBe(0);
  });

  test("reads nothing while nobody reports", () => {
    reporter.stop();
    clock.advance(60_000);
    expect(board.history).toEqual([]);
  });

  test("what is reported is what the bus lets through", () => {
    let report: StageReport | null = null;
    bus.subscribe(stagesSubject("p1"), (each) => {
      report = each;
    });
    runs.record(new Headers({ "x-load-run": "evening" }), 200, 3);
    windows.telemetry.histogram("pigonair_stage_seconds", "", [1], ["stage"]).record(0.00002, { stage: "decide" });
    clock.advance(1_000);
    expect(BROADCASTS.stages.schema.check(report)).toBeNull();
    expect(BROADCASTS.stages.schema.check({ ...IDLE, threadShare: "much" })).toMatchObject({ field: "threadShare" });
  });
});

test("GET /admin/stages/stream ends when its operator logs out, and goes on for the others", async () => {
  const admin = { email: "root@example.com", password: "correct horse" };
  const given = await GivenApp.open({ admin });
  const operator = () => new Visitor((request) => given.app.handle(request));
  const watch = async (visitor: Visitor): Promise<EventReader> => {
    const { body } = await visitor.send("POST", "/api/v1/sessions", { body: admin });
    const authorization = `Bearer ${body.accessToken}`;
    return EventReader.of(await given.get("/api/v1/admin/stages/stream", { authorization }));
  };
  const second = () => {
    given.host.bus.publish(stagesSubject("p1"), IDLE);
    given.clock.advance(1_000);
  };
  try {
    const leaving = operator();
    const [left, staying] = [await watch(leaving), await watch(operator())];
    second();
    for (const reader of [left, staying]) expect(await reader.next()).toMatchObject({ event: "stages" });
    await leaving.send("DELETE", "/api/v1/sessions");
    second();
    expect(await left.next()).toMatchObject({ event: "bye" });
    expect(await left.next()).toBeNull();
    expect(await staying.next()).toMatchObject({ event: "stages" });
  } finally {
    await given.close();
  }
});

test("meteredClient() measures calls that fail as well, and countingBus() each attempt", async () => {
  const clock = new FakeClock();
  const windows = new StageWindows(silent);
  const client = meteredClient(
    {
      call: () => {
        clock.advance(30);
        return Promise.reject(new Error("gone"));
      },
    },
    clock,
    windows.telemetry,
  );
  const bus = countingBus(new InProcessBus(), windows.telemetry);
  const command = givenCommand("hold", { passengers: givenAdults(1) });
  bus.send(1, [{ command, answer: () => {} }]);
  bus.send(1, [{ command, answer: () => {} }]);
  await client.call(command).catch(() => {});
  const { calls, attempts, measures } = windows.take();
  expect([calls, attempts]).toEqual([1, 2]);
  expect(measures).toMatchObject([{ measure: "bus", count: 1, sumMs: 30 }]);
});

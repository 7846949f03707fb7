/** Goal: a plan's figures behave as the theory of waiting lines and plain sense ask, and what can't be planned is refused with words. */

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { type Costs, loadCosts, readCosts } from "../../deploy/plan/costs.ts";
import { EventQueue } from "../../deploy/plan/event-queue.ts";
import { costBetween, costsInBench, cpuInStat, readMetrics } from "../../deploy/plan/measure.ts";
import { reportOf } from "../../deploy/plan/report.ts";
import { type Given, readSale, type Sale } from "../../deploy/plan/sale.ts";
import { simulate } from "../../deploy/plan/simulate.ts";
import { planFor } from "../../deploy/plan/sizing.ts";
import { Lane, Meter, Station } from "../../deploy/plan/station.ts";
import { seededRandom } from "../../deploy/seeded-random.ts";
import { ROOT } from "./files.ts";

const costs = loadCosts();
/** Each is worked out in well under a millisecond, but for those that are tried as well. */
const RUNS = 200;

function givenSale(given: Given = {}): Sale {
  const sale = readSale({ people: "100000", seats: "10000", ...given });
  if (!("people" in sale)) throw new Error(sale.join("; "));
  return sale;
}

const sales = fc
  .record({
    people: fc.integer({ min: 1, max: 5_000_000 }),
    seats: fc.integer({ min: 1, max: 100_000 }),
    minutes: fc.integer({ min: 1, max: 120 }),
    "no-room": fc.boolean(),
    "no-shared-status": fc.boolean(),
  })
  .map(({ people, seats, minutes, ...flags }) =>
    givenSale({ people: String(people), seats: String(seats), minutes: String(minutes), ...flags }),
  );

describe("planFor()", () => {
  test("more people never need less of anything, with as many seats or with more", () => {
    const amounts = (sale: Sale) => {
      const { edges, hosts, databaseCores, redisCores, natsCores, hashCores } = planFor(sale, costs);
      return { edges, hosts, databaseCores, redisCores, natsCores, hashCores };
    };
    fc.assert(
      fc.property(sales, fc.double({ min: 1, max: 50, noNaN: true }), (sale, more) => {
        const [few, ...others] = [
          amounts(sale),
          amounts({ ...sale, people: sale.people * more }),
          amounts({ ...sale, people: sale.people * more, seats: sale.seats * more }),
        ];
        for (const many of others) {
          for (const part of ["edges", "hosts", "databaseCores", "redisCores", "natsCores", "hashCores"] as const) {
            expect(many[part]).toBeGreaterThanOrEqual(few[part] * (1 - 1e-9));
          }
        }
      }),
      { numRuns: RUNS },
    );
  });

  test("the first wall is the fullest part of the sale that just fits, and a little more doesn't fit", () => {
    fc.assert(
      fc.property(sales, (sale) => {
        const { part, times } = planFor(sale, costs).firstWall;
        const at = (scale: number) =>
          planFor({ ...sale, people: sale.people * scale, seats: sale.seats * scale }, costs).walls[0];
        expect(at(times)?.utilisation ?? 0).toBeLessThanOrEqual(1 + 1e-6);
        const beyond = at(times * 1.001);
        expect(beyond?.part).toBe(part);
        expect(beyond?.utilisation ?? 0).toBeGreaterThan(1);
      }),
      { numRuns: RUNS / 4 },
    );
  });

  test("each part can be the wall: what is made dear is named", () => {
    const { kinds } = costs;
    const dear: Readonly<Record<string, readonly [Partial<Costs>, Given]>> = {
      Redis: [{ kinds: { ...kinds, join: { ...kinds.join, redis: 5_000 } } }, {}],
      NATS: [{ kinds: { ...kinds, hold: { ...kinds.hold, nats: 50_000 } } }, {}],
      "the database's cores": [{ kinds: { ...kinds, hold: { ...kinds.hold, database: 900_000 } } }, {}],
      "the database's flushes": [{}, { "database-iops": "200" }],
      "one flight's owner": [{}, { flights: "1", "no-room": true }],
    };
    for (const [part, [changed, given]] of Object.entries(dear)) {
      expect(String(planFor(givenSale(given), { ...costs, ...changed }).firstWall.part)).toBe(part);
    }
  });

  test("no part that can be multiplied is fuller than was asked, where nothing else stands in the way", () => {
    fc.assert(
      fc.property(sales, (sale) => {
        const plan = planFor(sale, costs);
        expect(plan.hashCores / plan.edges / 2).toBeLessThanOrEqual(sale.utilisationMax + 1e-9);
        expect(plan.edges).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("simulate()", () => {
  test("the same seed gives the same trial, another one another", () => {
    const tried = (seed: string) => simulate(planFor(givenSale({ seed }), costs), costs);
    expect(tried("7")).toEqual(tried("7"));
    expect(tried("8")).not.toEqual(tried("7"));
  });

  test("Little's law: who is there is the rate times the stay, in every part", () => {
    const plan = planFor(givenSale({ people: "1000000", "login-share": "0.05" }), costs);
    const trial = simulate(plan, costs);
    for (const { served, stayMeanS, there, utilisation, servers } of Object.values(trial.parts)) {
      expect(served).toBeGreaterThan(1_000);
      // `there` is counted over the time until the last one has gone.
      const ratio = there / ((served * stayMeanS) / trial.seconds);
      expect(ratio).toBeGreaterThan(0.95);
      expect(ratio).toBeLessThan(1.001);
      expect(utilisation).toBeLessThanOrEqual(1);
      expect(servers).toBeGreaterThan(0);
    }
  });

  test("what works in the trial is what was reckoned: edges and hashes are as full as their load says", () => {
    const plan = planFor(givenSale({ people: "1000000" }), costs);
    const trial = simulate(plan, costs);
    expect(trial.parts["password hashes"].utilisation).toBeCloseTo(plan.hashCores / (plan.edges * 2), 1);
    expect(trial.parts.Redis.utilisation).toBeCloseTo(plan.redisCores, 2);
    for (const part of Object.values(trial.parts))
      expect(part.busiest).toBeGreaterThanOrEqual(part.utilisation - 1e-12);
  });
});

describe("a Station of the simulation", () => {
  test.each([0.3, 0.6, 0.8])("waits as M/D/1 does at %p: the Pollaczek–Khinchine formula", (load) => {
    const [serviceS, comers] = [0.001, 300_000];
    const queue = new EventQueue();
    const meter = new Meter(queue);
    const station = new Station(queue, meter, 1, (comers * serviceS) / load);
    const random = seededRandom(11);
    let left = comers;
    const come = (): void => {
      station.ask(serviceS, () => {});
      left -= 1;
      if (left > 0) queue.plan(queue.now - (Math.log(1 - random()) * serviceS) / load, come);
    };
    queue.plan(0, come);
    queue.run();
    const expected = (load * serviceS) / (2 * (1 - load));
    expect(meter.seen().waitMeanS / expected).toBeGreaterThan(0.95);
    expect(meter.seen().waitMeanS / expected).toBeLessThan(1.05);
    expect(station.utilisation).toBeCloseTo(load, 1);
  });

  test("serves whoever came first first, as many at once as it has servers", () => {
    const queue = new EventQueue();
    const station = new Station(queue, new Meter(queue), 2, 10);
    const gone: [number, number][] = [];
    for (const name of [1, 2, 3, 4]) station.ask(1, () => void gone.push([name, queue.now]));
    queue.run();
    expect(gone).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
    ]);
  });
});

test("a Lane takes a lone command at once, and then all who came meanwhile, up to its limit", () => {
  const queue = new EventQueue();
  const lane = new Lane(queue, new Meter(queue), (n) => 1 + n / 8, 3, 10);
  const gone: number[] = [];
  for (let at = 0; at < 5; at++) lane.ask(() => void gone.push(queue.now));
  queue.run();
  expect(gone).toEqual([1.125, 2.5, 2.5, 2.5, 3.625]);
  expect(lane.batches).toBe(3);
});

describe("readSale()", () => {
  test.each<[Given, string]>([
    [{}, "--people is missing"],
    [{ people: "10" }, "--seats is missing"],
    [{ people: "-1", seats: "5" }, '--people must be a whole number from 1 to 100000000, not "-1"'],
    [{ people: "1.5", seats: "5" }, "--people must be a whole number"],
    [{ people: "10", seats: "many" }, '--seats must be a whole number from 1 to 10000000, not "many"'],
    [{ people: "10", seats: "5", minutes: "0" }, "--minutes must be a number from 0.5"],
    [{ people: "10", seats: "5", flights: "6" }, "--flights can't be more than --seats"],
    [{ people: "10", seats: "5", flights: "2", "hot-share": "0.1" }, "--hot-share must be at least 0.5"],
    [{ people: "10", seats: "5", minutes: "1", "rush-seconds": "61" }, "--rush-seconds can't be longer than --minutes"],
  ])("%j is refused", (given, sentence) => {
    const sale = readSale(given);
    expect(sale).toBeArray();
    expect(String(sale)).toContain(sentence);
  });
});

test("readCosts() refuses a figure without its source, and one that is none", () => {
  const text = JSON.stringify(costs);
  expect(readCosts(JSON.parse(text), "x")).toEqual(costs);
  expect(() => readCosts(JSON.parse(text.replaceAll('"from"', '"of"')), "x")).toThrow("kinds.hold.from is missing");
  expect(() => readCosts({ ...costs, commit: { ...costs.commit, fixedMs: "3" } }, "x")).toThrow(
    "commit.fixedMs must be a number",
  );
});

test("costsInBench() and readMetrics() find the figures that a bench and a server print", () => {
  const { kinds, commit } = costsInBench(
    [
      'holds, 64 flights               256    3,197/s  p50 72.19  p99 248.83 ms  CPU µs: edge-1 104.5, actors-1 112.3, nats 8.6, mariadb 53.8, load 15.8  {"201":12826}  0.055',
      'holds, 64 flights, two hosts    256    3,034/s  p50 77.82  p99 211.97 ms  CPU µs: edge-1 1.0, actors-1 1.0, actors-2 1.0, nats 1.0, mariadb 1.0, load 1.0  {"201":12140}',
      'joins through HTTP              256   16,628/s  p50 12.80  p99 47.62 ms  CPU µs: edge 51.6, redis 6.3, load 11.0  {"201":66529}',
      'MySQL 1 holds a batch {"commitsPerS":211,"holdsPerS":211,"p50Ms":3.76,"p99Ms":15.78,"cpuUsPerHold":945.1}',
      'MySQL 512 holds a batch {"commitsPerS":33,"holdsPerS":16988,"p50Ms":27.39,"p99Ms":69.12,"cpuUsPerHold":13.2}',
    ].join("\n"),
  );
  expect(kinds).toEqual({
    hold: { edge: 104.5, actors: 112.3, nats: 8.6, database: 53.8 },
    join: { edge: 51.6, redis: 6.3 },
  });
  expect(commit).toEqual({ fixedMs: 3.714, perCommandMs: 0.046 });

  const scrape = (cpuS: number, requests: number) =>
    readMetrics(
      `# HELP x\nprocess_cpu_seconds_total ${cpuS}\npigonair_http_request_duration_seconds_count{route="a"} ${requests}\npigonair_http_request_duration_seconds_count{route="b"} 0\n`,
      "edge",
    );
  expect(costBetween(scrape(1, 1_000), scrape(3, 21_000))).toBe(100);
  expect(cpuInStat("7 (a (b) c) S 1 1 1 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 5 1 1")).toBe(3);
  expect(() => costBetween(scrape(1, 1_000), scrape(3, 1_000))).toThrow("nothing was asked for");
});

test("the report names the wall, every part and every assumption, in plain text where no colours are wanted", () => {
  const plan = planFor(givenSale(), costs);
  const text = reportOf(plan, simulate(plan, costs), costs, { isColoured: false });
  for (const words of [
    "First wall:",
    "edges",
    "hosts of flights",
    "database",
    "Redis",
    "NATS",
    "What this rests on",
    costs.hardware,
  ]) {
    expect(text).toContain(words);
  }
  expect(text).not.toContain("\u001b");
});

test("bun run plan exits with 0 for a sale, 1 for one that is not to be had, 2 for no question", async () => {
  const run = async (...args: string[]) => {
    const child = Bun.spawn([process.execPath, join(ROOT, "deploy/plan/main.ts"), ...args], {
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { out, err, code };
  };
  const [sale, never, none] = await Promise.all([
    run("--people", "1000", "--seats", "100", "--json"),
    run("--people", "1000", "--seats", "1000", "--minutes", "1", "--database-iops", "100"),
    run("--seats", "100"),
  ]);
  expect(sale.code).toBe(0);
  expect(JSON.parse(sale.out)).toMatchObject({ plan: { edges: 2, hosts: 2 } });
  expect(never.code).toBe(1);
  expect(never.out).toContain("Not to be had: the database's flushes");
  expect(none).toMatchObject({ code: 2, out: "" });
  expect(none.err).toContain("--people is missing");
});

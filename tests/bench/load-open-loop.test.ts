/** Goal: an open loop accounts for every arrival of its schedule once, and charges a stall to everybody who came during it. */
import { afterEach, expect, test } from "bun:test";
import fc from "fast-check";
import { runOpenLoop } from "../../bench/load/open-loop.ts";
import type { Plan } from "../../bench/load/plan.ts";
import { piece } from "../../bench/load/request-writer.ts";
import type { OpenLoadConfig } from "../../bench/load/result.ts";
import { scheduleOf } from "../../bench/load/schedule.ts";

const servers: { stop(isNow: boolean): unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.stop(true);
});

/** Requests are `GET /<sequence>`. */
function serve(answer: (sequence: number) => Response | Promise<Response>): string {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => answer(Number(new URL(request.url).pathname.slice(1))),
  });
  servers.push(server);
  return `http://127.0.0.1:${server.port}`;
}

const start = piece("GET /");
const end = piece(" HTTP/1.1\r\nHost: test\r\n\r\n");
const gets: Plan = {
  write: (request, _connection, sequence) => {
    request.piece(start).digits(sequence, 6).piece(end);
  },
};

function config(url: string, given: Partial<OpenLoadConfig>): OpenLoadConfig {
  const arrivals = { kind: "fixed", ratePerSecond: 500, durationMs: 400 } as const;
  return { url, connections: 4, warmUpMs: 0, patienceMs: 60_000, plan: "", options: null, arrivals, ...given };
}

test("every arrival is answered, failed or not sent, and each is sent once at most", async () => {
  const received: number[] = [];
  const url = serve((sequence) => {
    received.push(sequence);
    return new Response("ok", { status: sequence % 3 === 0 ? 409 : 200 });
  });
  const arrivals = { kind: "poisson", ratePerSecond: 2_000, durationMs: 400, seed: 7 } as const;
  const result = await runOpenLoop(config(url, { arrivals, patienceMs: 1 }), gets);
  expect(result.arrivals).toBe(scheduleOf(arrivals).length);
  expect(result.requests + result.errors + result.notSent).toBe(result.arrivals);
  // Those that were not sent leave no gap in the plan's numbers.
  expect(received.toSorted((a, b) => a - b)).toEqual(Array.from({ length: result.sent }, (_, number) => number));
  const { seconds, accepted } = result;
  const sum = (of: (second: (typeof seconds)[number]) => number) => seconds.reduce((so, second) => so + of(second), 0);
  expect(sum((second) => second.accepted + second.refused)).toBe(result.requests);
  expect(sum((second) => second.notSent)).toBe(result.notSent);
  expect(accepted.count).toBe(result.byStatus["200"] ?? 0);
});

test("a stall is charged to those who came during it, not only to those who were on their way", async () => {
  const STALL_MS = 300;
  const stall = Promise.withResolvers<void>();
  let isStalled = false;
  const url = serve(async (sequence) => {
    if (sequence === 10) {
      isStalled = true;
      setTimeout(() => {
        isStalled = false;
        stall.resolve();
      }, STALL_MS);
    }
    if (isStalled) await stall.promise;
    return new Response("ok");
  });
  const result = await runOpenLoop(config(url, { connections: 1 }), gets);
  expect(result.requests).toBe(200);
  // One request alone was on its way: by its own clock the server was slow once.
  expect(result.service.p90Ms).toBeLessThan(STALL_MS);
  // But far more than one in ten of the arrivals had to wait for it.
  expect(result.p50Ms).toBeGreaterThan(STALL_MS / 10);
  expect(result.maxMs).toBeGreaterThanOrEqual(STALL_MS);
  expect(result.lateness.maxMs).toBeGreaterThan(STALL_MS / 2);
});

test("what finds no connection in its patience is not sent, and says so", async () => {
  const gate = Promise.withResolvers<void>();
  const url = serve(async () => {
    await gate.promise;
    return new Response("ok");
  });
  setTimeout(() => gate.resolve(), 600);
  const result = await runOpenLoop(config(url, { connections: 2, patienceMs: 20 }), gets);
  expect(result.arrivals).toBe(200);
  expect(result.notSent).toBeGreaterThanOrEqual(190);
  expect(result.requests + result.notSent).toBe(200);
});

test("a server that is too slow does not seem to answer as much as it is asked: what comes after the window is not in its rate", async () => {
  const SERVICE_MS = 20;
  const url = serve(async () => {
    await Bun.sleep(SERVICE_MS);
    return new Response("ok");
  });
  const arrivals = { kind: "fixed", ratePerSecond: 100, durationMs: 800 } as const;
  const result = await runOpenLoop(config(url, { connections: 1, warmUpMs: 200, arrivals }), gets);
  expect(result.requests).toBe(60);
  expect(result.ratePerSecond).toBeLessThan((1.1 * 1_000) / SERVICE_MS);
  // What was asked in the warm-up is answered by the same server, and is its work all the same.
  expect(result.ratePerSecond).toBeGreaterThan((0.5 * 1_000) / SERVICE_MS);
  expect(result.acceptedPerSecond).toBe(result.ratePerSecond);
});

test("what comes in the warm-up is sent and does not count", async () => {
  let received = 0;
  const url = serve(() => {
    received += 1;
    return new Response("ok");
  });
  const result = await runOpenLoop(config(url, { warmUpMs: 200 }), gets);
  expect(received).toBe(200);
  expect(result.arrivals).toBe(100);
  expect(result.requests).toBe(100);
});

test("scheduleOf() rises, has the rate that was asked for, and is the same for the same seed", () => {
  const seeds = fc.integer({ min: 0, max: 0xffff_ffff });
  fc.assert(
    fc.property(seeds, fc.integer({ min: 100, max: 2_000 }), (seed, ratePerSecond) => {
      const arrivals = { kind: "poisson", ratePerSecond, durationMs: 5_000, seed } as const;
      const schedule = scheduleOf(arrivals);
      expect(schedule).toEqual(scheduleOf(arrivals));
      const times = Array.from(schedule);
      expect(times.toSorted((a, b) => a - b)).toEqual(times);
      // Five standard deviations.
      const expected = ratePerSecond * 5;
      expect(Math.abs(schedule.length - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }),
    { numRuns: 50 },
  );
  const burst = scheduleOf({ kind: "burst", count: 1_000, withinMs: 50, seed: 1 });
  expect(burst.length).toBe(1_000);
  expect(burst.at(-1)).toBeLessThan(50);
  expect([...scheduleOf({ kind: "fixed", ratePerSecond: 4, durationMs: 1_000 })]).toEqual([0, 250, 500, 750]);
});

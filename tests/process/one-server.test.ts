/** Goal: one server serves a folder: others refuse to start and name it, and when it dies the next one starts at once. */

import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { present } from "../../actors/assert.ts";
import { GivenProgram } from "../support/given-program.ts";
import { Member, send } from "./member.ts";
import { importFlights } from "./timetable.ts";

/** Processes start on a machine that may have other things to do. */
const TEST_MS_MAX = 60_000;

setDefaultTimeout(TEST_MS_MAX);

const given = new GivenProgram();

afterAll(() => given.remove());

test("a second server refuses to start, names the first, and leaves it alone; after a kill it starts at once", async () => {
  const flightId = present((await importFlights(given, [1]))[0], "a flight");
  const first = await given.start();
  const member = await Member.signUp(given);
  const held = await member.hold(flightId, ["1A"]);
  expect(held.status).toBe(201);

  const second = await given.run([]);
  expect(second.exitCode).toBe(1);
  expect(second.out).toBe("");
  expect(second.err).toContain(`process ${first.pid} `);
  expect(second.err).toContain(given.database);
  // Whoever comes after it is still told of the first.
  expect((await given.run([])).err).toContain(`process ${first.pid} `);
  expect(first.isRunning).toBe(true);
  expect(await member.reservation(held.body.id)).toMatchObject({ status: 200, body: { status: "HELD" } });
  expect((await member.hold(flightId, ["1B"])).status).toBe(201);

  await first.kill();
  const next = await given.start();
  expect(next.pid).not.toBe(first.pid);
  expect(await member.reservation(held.body.id)).toMatchObject({ status: 200, body: { status: "HELD" } });
  expect((await member.hold(flightId, ["1C"])).status).toBe(201);
  expect((await given.run([])).err).toContain(`process ${next.pid} `);
  expect(next.errors).toEqual([]);
});

test("of several that start at once on a folder without a database, one serves", async () => {
  const many = new GivenProgram();
  const starts = await Promise.allSettled([many.start(), many.start(), many.start()]);
  const serving = starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
  const reasons = starts.flatMap((start) => (start.status === "rejected" ? [String(start.reason)] : []));
  expect(serving.length).toBe(1);
  expect(reasons.length).toBe(2);
  for (const reason of reasons) expect(reason).toContain("is served already, by ");
  expect(serving[0]?.isRunning).toBe(true);
  expect((await send(serving[0]?.url ?? "", "GET", "/readyz")).status).toBe(200);
  expect((await many.doctor()).exitCode).toBe(0);
  await many.remove();
});

test("a port that is taken is told, and nothing keeps running or locked", async () => {
  const other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("taken") });
  const taken = new GivenProgram();
  await importFlights(taken, [1]);
  const [edge, sandbox] = [
    await taken.run([], { PORT: String(other.port) }),
    await taken.run([], { SANDBOX_PORT: String(other.port) }),
  ];
  for (const { exitCode, err } of [edge, sandbox]) {
    expect(exitCode).toBe(1);
    expect(err).toStartWith("PigonAir did not start: ");
    expect(err).toContain(String(other.port));
  }
  expect(existsSync(taken.database)).toBe(true);
  expect((await taken.start({ PORT: "0" })).port).toBeGreaterThan(0);
  await taken.remove();
  await other.stop(true);
});

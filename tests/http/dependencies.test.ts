// Goal: whoever asks flights that others own learns that nobody does, and is told of no second trouble where the first is the reason.

import { expect, test } from "bun:test";
import { InProcessBus } from "../../actors/bus/in-process.ts";
import { LEASE_MS } from "../../actors/shards.ts";
import { silent } from "../../actors/telemetry.ts";
import { dependencyChecks } from "../../http/ops/dependencies.ts";
import { DependencyWatch } from "../../http/ops/dependency-watch.ts";
import { Readiness } from "../../http/ops/readiness.ts";
import { JsonLog } from "../../http/telemetry/json-log.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { MemoryShards } from "../support/memory-shards.ts";
import { until } from "../support/until.ts";

const HOST = { hostId: "one", weight: 1, minReader: 1 };

function given({ asksHosts = true, away = [] as ("bus" | "database")[], hangs = false } = {}) {
  const clock = new FakeClock();
  const shards = new MemoryShards(clock);
  const bus = new InProcessBus();
  if (away.includes("bus")) Object.assign(bus, { trouble: () => "NATS is away" });
  const isAway = away.includes("database");
  if (isAway) shards.view = () => Promise.reject(new Error("the database is away"));
  if (hangs) shards.view = () => new Promise(() => {});
  const check = (): Promise<string | null> => (hangs ? new Promise(() => {}) : Promise.resolve(isAway ? "away" : null));
  const checks = dependencyChecks({
    store: { check, shards: { kind: "cluster", store: shards } },
    bus,
    isNats: true,
    redis: null,
    asksHosts,
  });
  const readiness = new Readiness(clock, checks);
  const down = async (): Promise<string[]> => (await readiness.down()).map(({ name }) => name);
  const why = async (): Promise<string[]> => (await readiness.down()).map(({ reason }) => reason);
  return { clock, shards, down, why };
}

test("an edge is ready once a host owns flights, and no longer when the last one has fallen silent", async () => {
  const { clock, shards, down } = given();
  expect(await down()).toEqual(["actors"]);
  await shards.register({ ...HOST, incarnation: "first" }, true);
  // It lives, and has nothing yet.
  expect(await down()).toEqual(["actors"]);
  await shards.claim([7], "first");
  expect(await down()).toEqual([]);
  clock.advance(LEASE_MS + 1);
  expect(await down()).toEqual(["actors"]);

  await shards.register({ ...HOST, incarnation: "second" }, false);
  await shards.claim([7], "second");
  // Nobody reaches it.
  expect(await down()).toEqual(["actors"]);
  await shards.beat("second", true);
  expect(await down()).toEqual([]);
});

test("a host that lives and is not heard of is not called dead: beats are missing as well where the database takes nothing for a while", async () => {
  const { clock, shards, why } = given();
  await shards.register({ ...HOST, incarnation: "first" }, true);
  await shards.claim([7], "first");
  await shards.beat("first", false);
  expect(await why()).toEqual(["no host of flights has said lately that it reaches the bus"]);
  clock.advance(LEASE_MS + 1);
  expect(await why()).toEqual(["no host of flights lives"]);
});

test("where the bus or the database is away, that alone is named", async () => {
  expect(await given({ away: ["bus"] }).down()).toEqual(["bus"]);
  expect(await given({ away: ["database"] }).down()).toEqual(["database"]);
});

test("where the database hangs, that alone is named", async () => {
  const { clock, down } = given({ hangs: true });
  const named = down();
  await Bun.sleep(0);
  clock.advance(2_000);
  expect(await named).toEqual(["database"]);
});

test("who owns flights, or only follows the journal, needs no host to be there", async () => {
  expect(await given({ asksHosts: false }).down()).toEqual([]);
});

test("what is down stands in the log beside the part that says so: a member of one name twice is read in either way", async () => {
  const lines: string[] = [];
  const about = { role: "edge", host: "e1" };
  const log = new JsonLog({ level: "info", parts: {} }, { about, sink: { write: (line) => lines.push(line) } });
  const clock = new FakeClock();
  const readiness = new Readiness(clock, [{ name: "bus", check: () => Promise.resolve("NATS is away") }]);
  const watch = new DependencyWatch(clock, { ...silent, log: log.part("main") }, readiness);
  watch.start();
  await until(() => lines.length > 0, "a line");
  watch.stop();
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ part: "main", check: "bus", reason: "NATS is away" });
});

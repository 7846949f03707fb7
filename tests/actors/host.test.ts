/** Goal: what a host has answered outlives it, and what it holds in memory is bounded and never more than a copy of the journal. */

import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SeatDelta } from "../../actors/bus/subjects.ts";
import { seatsSubject } from "../../actors/bus/subjects.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { Journal } from "../../actors/journal.ts";
import { examine } from "../../db/doctor/examine.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FaultyJournal } from "../support/faulty-journal.ts";
import { FLIGHT_ID, givenCommand, givenPlan, NOW_MS, requestHold } from "../support/given.ts";
import { type GivenHost, type GivenHostOptions, givenHost } from "../support/given-host.ts";
import { until } from "../support/until.ts";

const started: GivenHost[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const given of started.splice(0)) await given.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function host(options: GivenHostOptions = {}): Promise<GivenHost> {
  const given = await givenHost({ plans: [givenPlan()], ...options });
  started.push(given);
  return given;
}

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "pigonair-host-"));
  folders.push(folder);
  return join(folder, "pigonair.sqlite");
}

function seatMap(given: GivenHost, flightId = FLIGHT_ID) {
  return given.client.call({ flightId, op: "seat-map", args: {}, member: null, key: null, fingerprint: "" });
}

async function stateOf(given: GivenHost, seat: string): Promise<string | undefined> {
  const { reply } = await seatMap(given);
  if (!reply.ok || reply.result.kind !== "seat-map") throw new Error("a seat map was asked for");
  return reply.result.seatMap.seats.find((each) => each.seat === seat)?.state;
}

test("an answer is in the journal and the projections, and the doctor agrees", async () => {
  const given = await host();
  expect((await given.client.call(requestHold("1A", { fingerprint: "f1" }))).reply.ok).toBe(true);
  const claims = await given.db.read.selectFrom("seat_claim").selectAll().execute();
  expect(claims.map(({ seat }) => seat)).toEqual(["1A"]);
  const passengers = await given.db.read.selectFrom("passenger").select("name").execute();
  expect(passengers).toEqual([{ name: "Kim" }]);
  const { turns } = await given.db.read.selectFrom("journal").select("turns").executeTakeFirstOrThrow();
  expect(turns).not.toContain("Kim");
  expect((await examine(given.db.read)).findings).toEqual([]);
});

test("a host that is left without a word loses nothing: the next one gives the same answers under the same keys", async () => {
  const file = newFile();
  const first = await givenHost({ file, plans: [givenPlan()] });
  const requests = [
    requestHold("1A"),
    requestHold("1A", { key: "k2", member: "m2" }),
    requestHold("2B", { key: "k3" }),
  ];
  const answers = [];
  for (const request of requests) answers.push(await first.client.call(request));
  await first.abandon();

  const second = await host({ file, plans: [] });
  for (const [at, request] of requests.entries()) {
    const again = await second.client.call(request);
    expect(JSON.stringify(again.reply)).toBe(JSON.stringify(answers[at]?.reply));
    expect(again.isReplay).toBe(true);
  }
  expect((await examine(second.db.read)).findings).toEqual([]);
});

test("a state loaded from a snapshot and the tail remembers successes and refusals alike", async () => {
  const file = newFile();
  const first = await givenHost({ file, plans: [givenPlan()] });
  const won = await first.client.call(requestHold("1A"));
  const lost = await first.client.call(requestHold("1A", { key: "k2", member: "m2" }));
  await first.stop();

  const second = await givenHost({ file });
  expect(await second.db.read.selectFrom("snapshot").select("version").execute()).toHaveLength(1);
  await second.client.call(requestHold("2A", { key: "k4" }));
  await second.abandon();

  const third = await host({ file, plans: [] });
  expect(await third.client.call(requestHold("1A"))).toEqual({ reply: won.reply, isReplay: true });
  expect(await third.client.call(requestHold("1A", { key: "k2", member: "m2" }))).toEqual({
    reply: lost.reply,
    isReplay: true,
  });
  expect(await stateOf(third, "2A")).toBe("held");
  expect((await examine(third.db.read)).findings).toEqual([]);
});

test("a flood of refusals leaves no long journal behind for whoever takes the flight over", async () => {
  const given = await host({ rules: { keysPerMember: 100_000 } });
  await given.client.call(requestHold("1A"));
  const refusals = 8_000;
  for (let from = 0; from < refusals; from += 500) {
    const keys = Array.from({ length: 500 }, (_, at) => `k${from + at}`);
    await Promise.all(keys.map((key) => given.client.call(requestHold("1A", { member: "m2", key }))));
  }
  await until(async () => {
    const { version } = (await given.db.read.selectFrom("snapshot").select("version").executeTakeFirst()) ?? {
      version: 0,
    };
    const since = await given.db.read.selectFrom("journal").select("turns").where("version", ">", version).execute();
    return since.reduce((turns, row) => turns + JSON.parse(row.turns).length, 0) < refusals / 2;
  }, "a snapshot");
});

test("holds that ran out while no host lived end as soon as one starts", async () => {
  const file = newFile();
  const clock = new FakeClock();
  const first = await givenHost({ file, plans: [givenPlan()], clock });
  await first.client.call(requestHold("1A"));
  await first.abandon();
  clock.advance(16 * 60_000);

  const second = await host({ file, plans: [], clock });
  await until(async () => {
    clock.advance(1);
    return (await second.db.read.selectFrom("seat_claim").selectAll().execute()).length === 0;
  }, "the seat is free");
  const [reservation] = await second.db.read.selectFrom("reservation").select("status").execute();
  expect(reservation?.status).toBe("EXPIRED");
  expect((await examine(second.db.read)).findings).toEqual([]);
});

test("of many flights whose holds ran out meanwhile few are read at once, so that there is room for those that somebody asks for", async () => {
  const file = newFile();
  const clock = new FakeClock();
  const flights = Array.from({ length: 40 }, (_, number) => `PG-${number}-20300131-ICN`);
  const plans = flights.map((flightId) => givenPlan({ flightId }));
  const first = await givenHost({ file, plans, clock });
  await Promise.all(flights.map((flightId) => first.client.call(requestHold("1A", { flightId, key: flightId }))));
  await first.abandon();
  clock.advance(16 * 60_000);

  const reading = new Set<string>();
  let mostAtOnce = 0;
  let read = 0;
  const around = (journal: Journal): Journal => ({
    commit: (...args) => journal.commit(...args),
    deadlines: (...args) => journal.deadlines(...args),
    saveSnapshot: (...args) => journal.saveSnapshot(...args),
    async load(flightId, since) {
      reading.add(flightId);
      mostAtOnce = Math.max(mostAtOnce, reading.size);
      const loaded = await journal.load(flightId, since);
      reading.delete(flightId);
      read += 1;
      return loaded;
    },
  });
  const second = await host({ file, plans: [], clock, around });
  await until(async () => {
    clock.advance(1);
    return (await second.db.read.selectFrom("seat_claim").selectAll().execute()).length === 0;
  }, "all seats are free");
  expect(mostAtOnce).toBeLessThan(10);
  expect(read).toBe(flights.length);
});

test("a hold ends at its deadline without anybody asking, and the public hears of it", async () => {
  const clock = new FakeClock();
  const given = await host({ clock });
  const heard: SeatDelta[] = [];
  given.bus.subscribe(seatsSubject(FLIGHT_ID), (delta) => {
    // It may have been read again in between, and said where it is.
    if (delta.changes.length > 0) heard.push(delta);
  });
  await given.client.call(requestHold("1A"));
  clock.advance(15 * 60_000);
  await until(() => heard.length === 2, "both changes");
  expect(heard).toEqual([
    { flightId: FLIGHT_ID, from: 0, to: 1, changes: [{ seat: "1A", state: "held" }] },
    { flightId: FLIGHT_ID, from: 1, to: 2, changes: [{ seat: "1A", state: "free" }] },
  ]);
});

test("whoever follows the seats learns from the next host what the last one had no time to tell", async () => {
  const file = newFile();
  const first = await givenHost({ file, plans: [givenPlan()] });
  await first.client.call(requestHold("1A"));
  await first.abandon();

  const second = await host({ file, plans: [] });
  const heard: SeatDelta[] = [];
  second.bus.subscribe(seatsSubject(FLIGHT_ID), (delta) => heard.push(delta));
  expect((await second.client.call(requestHold("1A"))).isReplay).toBe(true);
  expect(heard).toEqual([{ flightId: FLIGHT_ID, from: 1, to: 1, changes: [] }]);
});

test("announce() says where the seats of each flight in memory are, as far as that is committed", async () => {
  let goOn: (() => void) | null = null;
  const given = await host({
    around: (journal) => {
      const faulty = new FaultyJournal(journal);
      faulty.faults.push(
        (_batch, _isRepeat, commit) => commit(),
        async (_batch, _isRepeat, commit) => {
          await new Promise<void>((resolve) => {
            goOn = resolve;
          });
          return await commit();
        },
      );
      return faulty;
    },
  });
  const heard: SeatDelta[] = [];
  given.bus.subscribe(seatsSubject(FLIGHT_ID), (delta) => heard.push(delta));
  await given.client.call(requestHold("1A"));
  const second = given.client.call(requestHold("2A", { key: "k2" }));
  await until(() => goOn !== null, "the second is on its way");
  given.host.announce();
  (goOn as (() => void) | null)?.();
  await second;
  given.host.announce();
  expect(heard.map(({ from, to, changes }) => [from, to, changes.length])).toEqual([
    [0, 1, 1],
    [1, 1, 0],
    [1, 2, 1],
    [2, 2, 0],
  ]);
});

test("a flight with nothing to do leaves memory, and comes back as it was with its deadlines", async () => {
  const clock = new FakeClock();
  const given = await host({ clock, limits: { idleMs: 60_000 } });
  await given.client.call(requestHold("1A"));
  clock.advance(80_000);
  await until(
    async () => (await given.db.read.selectFrom("snapshot").selectAll().execute()).length === 1,
    "a snapshot",
  );
  expect(await stateOf(given, "1A")).toBe("held");
  clock.advance(80_000);
  clock.advance(15 * 60_000);
  await until(async () => {
    clock.advance(1);
    return (await given.db.read.selectFrom("seat_claim").selectAll().execute()).length === 0;
  }, "the seat is free");
});

test("many flights with nothing to do leave memory one after another: each takes the time of all others", async () => {
  const clock = new FakeClock();
  const flights = Array.from({ length: 40 }, (_, number) => `PG-${number}-20300131-ICN`);
  const plans = flights.map((flightId) => givenPlan({ flightId }));
  let atOnce = 0;
  let atOnceMax = 0;
  const around = (journal: Journal): Journal => ({
    load: (...args) => journal.load(...args),
    commit: (...args) => journal.commit(...args),
    deadlines: (...args) => journal.deadlines(...args),
    async saveSnapshot(...args) {
      atOnceMax = Math.max(atOnceMax, ++atOnce);
      return await journal.saveSnapshot(...args).finally(() => (atOnce -= 1));
    },
  });
  const given = await host({ clock, plans, limits: { idleMs: 60_000 }, around });
  await Promise.all(flights.map((flightId) => given.client.call(requestHold("1A", { flightId, key: flightId }))));
  expect(given.host.flightsLoaded).toBe(flights.length);
  clock.advance(60_000);
  await until(() => given.host.flightsLoaded === 0, "all of them have left");
  await until(
    async () => (await given.db.read.selectFrom("snapshot").selectAll().execute()).length === flights.length,
    "each is written down",
  );
  expect(atOnceMax).toBe(1);
});

test("of too many idle flights so many leave memory that no more than may stay are left", async () => {
  const clock = new FakeClock();
  const flights = Array.from({ length: 9 }, (_, number) => `PG-${number}-20300131-ICN`);
  const given = await host({
    clock,
    plans: flights.map((flightId) => givenPlan({ flightId })),
    limits: { idleFlightsMax: 4 },
  });
  for (const flightId of flights) await given.client.call(requestHold("1A", { flightId }));
  clock.advance(10_000);
  await until(() => given.host.flightsLoaded === 4, "five have left");
  clock.advance(20_000);
  expect(given.host.flightsLoaded).toBe(4);
  for (const flightId of flights) {
    const { reply } = await given.client.call(requestHold("1A", { flightId, key: "another", member: "m2" }));
    expect(reply.ok).toBe(false);
  }
});

test("a hot flight does not starve another one", async () => {
  const cold = "PG-202-20300131-ICN";
  const given = await host({
    plans: [givenPlan(), givenPlan({ flightId: cold })],
    limits: { batchMax: 8 },
    rules: { keysPerMember: 1_000 },
  });
  await seatMap(given, cold);
  let hotAnswered = 0;
  const hot = Array.from({ length: 400 }, (_, at) =>
    given.client.call(requestHold("1A", { key: `k${at}`, member: `m${at}` })).finally(() => (hotAnswered += 1)),
  );
  await given.client.call(requestHold("1A", { flightId: cold }));
  expect(hotAnswered).toBeLessThan(64);
  await Promise.all(hot);
});

test("a full mailbox refuses with a hint when to come again, but time and money are never shed", async () => {
  const given = await host({ limits: { mailboxMax: 4 } });
  await seatMap(given);
  const calls = Array.from({ length: 40 }, (_, at) =>
    given.client.call(requestHold("1A", { key: `k${at}`, member: `m${at}` })).then(
      () => "answered",
      (error: unknown) =>
        error instanceof OperationalError && (error.retryAfterMs ?? 0) >= 1_000 ? error.code : String(error),
    ),
  );
  const expire = given.client.call({
    ...givenCommand("expire", { reservationId: "none", generation: 1 }, { member: null, key: null }),
    deadlineMs: Date.now() + 5_000,
  });
  const outcomes = await Promise.all(calls);
  expect(outcomes.filter((outcome) => outcome === "answered").length).toBeGreaterThanOrEqual(4);
  expect(outcomes.filter((outcome) => outcome === "OVERLOADED").length).toBeGreaterThan(0);
  expect(outcomes.every((outcome) => outcome === "answered" || outcome === "OVERLOADED")).toBe(true);
  expect((await expire).reply.ok).toBe(true);
});

test("a deadline too far away is clamped, and one that has passed is refused unprocessed", async () => {
  const clock = new FakeClock();
  const given = await host({ clock });
  const past = given.client.call({ ...requestHold("1A"), deadlineMs: NOW_MS - 1 });
  const failure = await past.then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  expect(await given.db.read.selectFrom("journal").selectAll().execute()).toEqual([]);
});

test("a flight that does not exist is said to be not found, and one that has left sells nothing", async () => {
  const gone = "PG-303-20300101-ICN";
  const clock = new FakeClock();
  const given = await host({ clock, plans: [givenPlan(), givenPlan({ flightId: gone, departsAtMs: NOW_MS })] });
  const none = await given.client.call(requestHold("1A", { flightId: "NO-1-20300101-ICN" }));
  expect(none.reply).toMatchObject({ ok: false, rejection: { code: "FLIGHT_NOT_FOUND" } });
  const late = await given.client.call(requestHold("1A", { flightId: gone }));
  expect(late.reply).toMatchObject({ ok: false, rejection: { code: "FLIGHT_DEPARTED" } });
});

test("stop() finishes what it has taken, and takes nothing more", async () => {
  const file = newFile();
  const given = await givenHost({ file, plans: [givenPlan()] });
  await seatMap(given);
  const taken = Array.from({ length: 30 }, (_, at) =>
    given.client.call(requestHold(`${(at % 10) + 1}A`, { key: `k${at}`, member: `m${at}` })),
  );
  await new Promise(setImmediate);
  const stopped = given.host.stop();
  const late = given.client.call({ ...requestHold("9F", { key: "late" }), deadlineMs: Date.now() + 200 });
  expect((await Promise.all(taken)).every(({ reply }) => reply.ok || reply.rejection.code === "SEAT_TAKEN")).toBe(true);
  expect(await late.catch((error: unknown) => error)).toMatchObject({ code: "UNAVAILABLE" });
  await stopped;
  expect((await examine(given.db.read)).findings).toEqual([]);
  await given.abandon();
});

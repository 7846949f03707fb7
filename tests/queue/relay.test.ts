// Goal: a consumer gets every entry of interest of every flight, in order for each, over crashes, failures and lost wakes;
// what fails in one flight holds up no other, and nothing is handled twice unless the process died in between.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FlightEvent } from "../../actors/domain/event.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import { type OpenDatabase, openSqlite } from "../../db/open.ts";
import { JournalTailStore } from "../../db/stores/journal-tail.ts";
import type { JournalTail } from "../../queue/relay/journal-tail.ts";
import {
  type Consumer,
  ENTRIES_PER_TURN_IN_ANY_ORDER_MAX,
  ENTRIES_PER_TURN_MAX,
  FLIGHTS_PER_ROUND_MAX,
  REST_MS,
  Relay,
  SWEEP_INTERVAL_MS,
} from "../../queue/relay/relay.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { givenPlan } from "../support/given.ts";
import { publishPlan } from "../support/given-host.ts";
import { entropy } from "../support/given-payments.ts";
import { JournalWriter } from "../support/journal-writer.ts";
import { RecordingTelemetry } from "../support/recording-telemetry.ts";
import { until } from "../support/until.ts";

let directory: string;
let database: OpenDatabase;
let writer: JournalWriter;
let tail: JournalTail;
let clock: FakeClock;
let telemetry: RecordingTelemetry;
let consumer: string;
let flights = 0;
/** `flight:version`, in the order of handling. */
let handled: string[];
/** Called for each entry before it counts as handled. */
let before: (name: string) => void | Promise<void>;
let running: Relay[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "relay-"));
  database = await openSqlite(join(directory, "pigonair.sqlite"));
  writer = await JournalWriter.open(database);
});
beforeEach(async () => {
  tail = new JournalTailStore(database);
  clock = new FakeClock();
  telemetry = new RecordingTelemetry();
  consumer = `consumer-${flights}`;
  handled = [];
  before = () => {};
  running = [];
  // Nothing of the tests before is news to this one.
  for (let next: string | null = null; ; ) {
    const page = await tail.sweep(consumer, null, next, 1_000);
    const ahead = [...page.behind, ...page.passed.map(({ flightId }) => flightId)];
    await tail.advance(
      consumer,
      ahead.map((flightId) => ({ flightId, version: 1_000_000 })),
    );
    next = page.next;
    if (next === null) break;
  }
});
afterEach(async () => {
  await Promise.all(running.map((relay) => relay.stop()));
});
afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true });
});

async function flight(): Promise<FlightId> {
  const flightId = `PG-${++flights}-20300131-ICN`;
  await publishPlan(database, givenPlan({ flightId }));
  return flightId;
}

async function commit(flightId: FlightId, ...entries: FlightEvent["type"][][]): Promise<void> {
  for (const types of entries) await writer.append(flightId, types);
}

const tickets = (count: number): FlightEvent["type"][][] => Array.from({ length: count }, () => ["ticketed"]);

function start(over: Partial<JournalTail> = {}, more: Partial<Consumer> = {}): Relay {
  const watched: JournalTail = {
    sweep: (...args) => tail.sweep(...args),
    read: (...args) => tail.read(...args),
    advance: (...args) => tail.advance(...args),
    ...over,
  };
  const relay = new Relay({
    consumer,
    interests: ["ticketed", "cancelled"],
    handle: async (flightId, { version }) => {
      const name = `${flightId}:${version}`;
      await before(name);
      handled.push(name);
    },
    ...more,
    tail: watched,
    clock,
    entropy,
    telemetry,
  });
  running.push(relay);
  relay.start();
  return relay;
}

const names = (flightId: FlightId, ...versions: number[]): string[] =>
  versions.map((version) => `${flightId}:${version}`);

async function cursor(flightId: FlightId): Promise<number> {
  const row = await database.read
    .selectFrom("cursor")
    .select("version")
    .where("consumer", "=", consumer)
    .where("flight_id", "=", flightId)
    .executeTakeFirst();
  return row?.version ?? 0;
}

async function cursorAt(flightId: FlightId, version: number): Promise<void> {
  await until(async () => (await cursor(flightId)) === version, `the cursor at ${version}`);
}

test("a new consumer sees everything from the first entry on, and what is of no interest is passed over", async () => {
  const flightId = await flight();
  await commit(flightId, ["held"], ["captured", "ticketed"], [], ["cancelled"], ["held"]);
  start();
  await cursorAt(flightId, 5);
  expect(handled).toEqual(names(flightId, 2, 4));
});

test("hear() of a commit brings its entry at once; one of no interest is left to a sweep", async () => {
  const flightId = await flight();
  const relay = start();
  await until(() => clock.pending === 1, "the first sweep");
  for (const types of [["held"], ["captured", "ticketed"]] as const) {
    await writer.append(flightId, types);
    for (const type of types) relay.hear({ type, flights: [flightId] });
  }
  await cursorAt(flightId, 2);
  expect(handled).toEqual(names(flightId, 2));
});

test("a sweep finds what no wake told of", async () => {
  const flightId = await flight();
  start();
  await until(() => clock.pending === 1, "the first sweep");
  await commit(flightId, ["ticketed"]);
  clock.advance(SWEEP_INTERVAL_MS);
  await cursorAt(flightId, 1);
  expect(handled).toEqual(names(flightId, 1));
});

test("a flight with more than one turn takes comes to its end, in order, and others get their turns in between", async () => {
  const [long, short] = [await flight(), await flight()];
  const count = ENTRIES_PER_TURN_MAX + 3;
  await commit(long, ...tickets(count));
  await commit(short, ["ticketed"]);
  start();
  await cursorAt(long, count);
  const all = names(long, ...Array.from({ length: count }, (_, at) => at + 1));
  expect(handled.filter((name) => name.startsWith(`${long}:`))).toEqual(all);
  expect(handled.indexOf(`${short}:1`)).toBeLessThan(handled.indexOf(`${long}:${count}`));
});

test("a journal of entries without interest is passed over, however long", async () => {
  const flightId = await flight();
  const count = ENTRIES_PER_TURN_IN_ANY_ORDER_MAX + 1;
  await commit(flightId, ...Array.from({ length: count }, (): FlightEvent["type"][] => ["held"]), ["ticketed"]);
  start();
  await cursorAt(flightId, count + 1);
  expect(handled).toEqual(names(flightId, count + 1));
});

test("more flights than a round takes all get their turn", async () => {
  const many: FlightId[] = [];
  for (let at = 0; at < FLIGHTS_PER_ROUND_MAX + 2; at++) many.push(await flight());
  for (const flightId of many) await commit(flightId, ["ticketed"]);
  start();
  await until(() => handled.length === many.length, "all of them");
  expect(new Set(handled)).toEqual(new Set(many.map((flightId) => `${flightId}:1`)));
});

describe("a crash", () => {
  test("between effect and cursor repeats the effect, and loses none after it", async () => {
    const flightId = await flight();
    await commit(flightId, ["ticketed"], ["ticketed"]);
    const dead = start({ advance: () => new Promise(() => {}) });
    await until(() => handled.length === 2, "the effects");
    expect(await cursor(flightId)).toBe(0);
    // The dead process never stops properly; another one takes its place.
    running = running.filter((relay) => relay !== dead);
    start();
    await cursorAt(flightId, 2);
    expect(handled).toEqual(names(flightId, 1, 2, 1, 2));
  });

  test("before the effect loses nothing", async () => {
    const flightId = await flight();
    await commit(flightId, ["ticketed"], ["ticketed"]);
    before = (name) => (name.endsWith(":2") ? new Promise<void>(() => {}) : undefined);
    const dead = start();
    await until(() => handled.length === 1, "the first effect");
    running = running.filter((relay) => relay !== dead);
    before = () => {};
    start();
    await cursorAt(flightId, 2);
    expect(handled).toEqual(names(flightId, 1, 1, 2));
  });
});

describe("an entry that can't be handled", () => {
  test("holds up its own flight only, is tried again ever more rarely, and then the flight goes on", async () => {
    const [bad, good] = [await flight(), await flight()];
    await commit(bad, ["ticketed"], ["ticketed"]);
    await commit(good, ["ticketed"], ["ticketed"]);
    const triedMs: number[] = [];
    before = (name) => {
      if (name !== `${bad}:2` || triedMs.length === 4) return;
      triedMs.push(clock.monotonicMs());
      throw new Error("not yet");
    };
    start();
    await cursorAt(good, 2);
    await cursorAt(bad, 1);
    for (let tries = 2; tries <= 4; tries++) {
      const restMs = REST_MS * 2 ** (tries - 2);
      clock.advance(restMs - 1);
      await until(() => clock.pending === 2, "all is quiet");
      expect(triedMs).toHaveLength(tries - 1);
      clock.advance(1);
      await until(() => triedMs.length === tries, "another try");
      await until(() => clock.pending === 2, "all is quiet");
    }
    clock.advance(8 * REST_MS);
    await cursorAt(bad, 2);
    expect(handled.filter((name) => name.startsWith(bad))).toEqual(names(bad, 1, 2));
    expect(telemetry.count(`pigonair_relay_failures_total{consumer=${consumer}}`)).toBe(4);
  });

  test("because it can't be understood holds up no flight that is read with it", async () => {
    const [bad, good] = [await flight(), await flight()];
    await commit(bad, ["ticketed"], ["ticketed"]);
    await commit(good, ["ticketed"]);
    const spoilt = database.write.updateTable("journal").set({ turns: "[" }).where("flight_id", "=", bad);
    await spoilt.where("version", "=", 2).execute();
    start();
    await cursorAt(good, 1);
    await until(() => clock.pending === 2, "all is quiet");
    expect(handled).toEqual(names(good, 1));
    expect(telemetry.count(`pigonair_relay_failures_total{consumer=${consumer}}`)).toBe(1);
  });

  test("is not tried any sooner by wakes and sweeps", async () => {
    const flightId = await flight();
    await commit(flightId, ["ticketed"]);
    let tries = 0;
    before = () => {
      tries += 1;
      throw new Error("never");
    };
    const relay = start();
    await until(() => tries === 1 && clock.pending === 2, "the first try");
    clock.advance(REST_MS);
    await until(() => tries === 2 && clock.pending === 2, "the second try");
    for (let at = 0; at < 5; at++) relay.wake(flightId);
    clock.advance(SWEEP_INTERVAL_MS);
    await until(() => clock.pending === 2, "a sweep");
    expect(tries).toBe(2);
  });
});

describe("a database that fails", () => {
  test("to move the cursors is tried again, and the effects are not repeated", async () => {
    const flightId = await flight();
    await commit(flightId, ["ticketed"]);
    let failures = 0;
    start({
      advance: (...args) => (failures++ < 2 ? Promise.reject(new Error("gone")) : tail.advance(...args)),
    });
    await until(() => failures >= 1, "the first failure");
    await commit(flightId, ["ticketed"]);
    for (let at = 0; at < 3; at++) {
      clock.advance(SWEEP_INTERVAL_MS);
      await until(() => clock.pending > 0, "a sweep");
    }
    await until(() => handled.length === 2, "the second entry");
    await cursorAt(flightId, 2);
    expect(handled).toEqual(names(flightId, 1, 2));
  });

  test("to be swept or read is asked again", async () => {
    const flightId = await flight();
    await commit(flightId, ["ticketed"]);
    let sweeps = 0;
    let reads = 0;
    start({
      sweep: (...args) => (sweeps++ === 0 ? Promise.reject(new Error("gone")) : tail.sweep(...args)),
      read: (...args) => (reads++ === 0 ? Promise.reject(new Error("gone")) : tail.read(...args)),
    });
    await until(() => clock.pending === 1, "the failed sweep");
    clock.advance(SWEEP_INTERVAL_MS);
    await until(() => reads === 1 && clock.pending === 2, "the failed read");
    clock.advance(REST_MS);
    await cursorAt(flightId, 1);
  });
});

test("stop() lets the entry that is being handled end, moves the cursor to it, and begins no other", async () => {
  const flightId = await flight();
  await commit(flightId, ["ticketed"], ["ticketed"]);
  const held = Promise.withResolvers<void>();
  let begun = 0;
  before = () => {
    begun += 1;
    return held.promise;
  };
  const relay = start();
  await until(() => begun === 1, "the first entry");
  const stopping = relay.stop();
  relay.wake(flightId);
  held.resolve();
  await stopping;
  expect(handled).toEqual(names(flightId, 1));
  expect(await cursor(flightId)).toBe(1);
  expect(clock.pending).toBe(0);
});

test("stop() tells whoever waits within an entry, which is handled again by the next one", async () => {
  const flightId = await flight();
  await commit(flightId, ["ticketed"]);
  const begun = Promise.withResolvers<void>();
  const waiting = start(
    {},
    {
      handle: (...[, , stopping]) => {
        begun.resolve();
        return new Promise((_, reject) => stopping.addEventListener("abort", () => reject(new Error("it stops"))));
      },
    },
  );
  await begun.promise;
  await waiting.stop();
  expect(clock.pending).toBe(0);
  start();
  await cursorAt(flightId, 1);
  expect(handled).toEqual(names(flightId, 1));
});

test("a flight with nothing of interest is passed over without being read", async () => {
  const flightId = await flight();
  await commit(flightId, ["held"], [], ["held"]);
  let reads = 0;
  start({
    read: (...args) => {
      reads += 1;
      return tail.read(...args);
    },
  });
  await cursorAt(flightId, 3);
  expect(reads).toBe(0);
});

test("a sweep that was slow moves no cursor back", async () => {
  const flightId = await flight();
  await commit(flightId, ["held"]);
  const [hasSwept, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const relay = start({
    async sweep(...args) {
      const swept = await tail.sweep(...args);
      hasSwept.resolve();
      await answer.promise;
      return swept;
    },
  });
  await hasSwept.promise;
  await commit(flightId, ["ticketed"]);
  relay.wake(flightId);
  await cursorAt(flightId, 2);
  answer.resolve();
  await relay.stop();
  expect(await cursor(flightId)).toBe(2);
  expect(handled).toEqual(names(flightId, 2));
});

test("a consumer that minds no order has many entries handled at a time; after one that failed, it and what came later come again", async () => {
  const flightId = await flight();
  await commit(flightId, ...tickets(3 * ENTRIES_PER_TURN_MAX));
  const failing = 7;
  let atOnce = 0;
  let most = 0;
  let hasFailed = false;
  before = async (name) => {
    most = Math.max(most, ++atOnce);
    await new Promise(setImmediate);
    atOnce -= 1;
    if (name !== `${flightId}:${failing}` || hasFailed) return;
    hasFailed = true;
    throw new Error("not now");
  };
  start({}, { inAnyOrder: true });
  await cursorAt(flightId, failing - 1);
  expect(most).toBe(3 * ENTRIES_PER_TURN_MAX);
  clock.advance(2 * REST_MS);
  await cursorAt(flightId, 3 * ENTRIES_PER_TURN_MAX);
  const all = names(flightId, ...Array.from({ length: 3 * ENTRIES_PER_TURN_MAX }, (_, at) => at + 1));
  expect(new Set(handled)).toEqual(new Set(all));
});

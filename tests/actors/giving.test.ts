/** Goal: shards come and go while a host serves: what it took it finishes, what it gave or lost it never speaks of again. */

import { afterEach, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import type { Answer } from "../../actors/bus/bus.ts";
import { InProcessBus } from "../../actors/bus/in-process.ts";
import { ALL_JOURNALS, type JournalHint, type LoadSignal, statSubject } from "../../actors/bus/subjects.ts";
import type { Command } from "../../actors/domain/command.ts";
import { SHARDS, shardOf } from "../../actors/domain/ids.ts";
import { examine } from "../../db/doctor/examine.ts";
import { failureOf } from "../support/failure-of.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { type Fault, FaultyJournal, fails } from "../support/faulty-journal.ts";
import { FLIGHT_ID, givenCommand, givenPlan, requestHold } from "../support/given.ts";
import { type GivenHost, type GivenHostOptions, givenHost } from "../support/given-host.ts";
import { until } from "../support/until.ts";

const OTHER = "PG-202-20300131-ICN";
const SHARD = shardOf(FLIGHT_ID);
const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);
const started: GivenHost[] = [];

afterEach(async () => {
  for (const given of started.splice(0)) await given.stop();
});

class Faulty extends FaultyJournal {
  haveDeadlinesGone = false;
  isTailBroken = false;

  override async load(...args: Parameters<FaultyJournal["load"]>) {
    const loaded = await super.load(...args);
    if (loaded === null || !this.isTailBroken) return loaded;
    const event = { type: "released", id: "never held" } as const;
    const entry = { schema: 1, turns: [{ atMs: 0, events: [event], key: null }] };
    return { ...loaded, tail: [...loaded.tail, { version: loaded.tail.length + 1, entry }] };
  }

  override deadlines(shards: readonly number[]) {
    return this.haveDeadlinesGone ? Promise.reject(new Error("the database is away")) : super.deadlines(shards);
  }
}

interface Given extends GivenHost {
  readonly faulty: Faulty;
}

async function host(options: GivenHostOptions = {}): Promise<Given> {
  let faulty: Faulty | null = null;
  const given = await givenHost({
    plans: [givenPlan(), givenPlan({ flightId: OTHER })],
    ...options,
    around: (journal) => {
      faulty = new Faulty(journal);
      return faulty;
    },
  });
  started.push(given);
  return { ...given, faulty: present<Faulty>(faulty, "the host has its journal") };
}

interface Asked {
  readonly answers: Answer[];
  /** `ok`, or the code of each answer that has come. */
  readonly codes: () => string[];
}

function ask({ bus }: Pick<GivenHost, "bus">, request: ReturnType<typeof requestHold>): Asked {
  const answers: Answer[] = [];
  const command: Command = { ...request, deadlineMs: Number.MAX_SAFE_INTEGER };
  bus.send(shardOf(request.flightId), [{ command, answer: (answer) => answers.push(answer) }]);
  return {
    answers,
    codes: () => answers.map((answer) => (answer.ok ? (answer.reply.ok ? "ok" : "rejected") : answer.error.code)),
  };
}

/** A gate for one commit: it waits there until it is opened. */
function gate(): { readonly fault: Fault; readonly reached: Promise<void>; readonly open: () => void } {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return {
    reached: reached.promise,
    open: opened.resolve,
    fault: async (_batch, _isRepeat, commit) => {
      reached.resolve();
      await opened.promise;
      return commit();
    },
  };
}

async function setOwner({ db }: GivenHost, shard: number, owner: string | null): Promise<number> {
  await db.write
    .updateTable("shards")
    .set(({ eb }) => ({ epoch: eb("epoch", "+", 1), owner }))
    .where("shard", "=", shard)
    .execute();
  const { epoch } = await db.read
    .selectFrom("shards")
    .select("epoch")
    .where("shard", "=", shard)
    .executeTakeFirstOrThrow();
  return Number(epoch);
}

test("give() ends when what was taken is committed and answered, and only then", async () => {
  const given = await host();
  const { fault, reached, open } = gate();
  given.faulty.faults.push(fault);
  const first = ask(given, requestHold("1A"));
  await reached;
  const waiting = ["2A", "3A", "4A"].map((seat, at) => ask(given, requestHold(seat, { key: `k${at + 2}` })));
  let isGiven = false;
  const isFinished = given.host.give([SHARD]).then(() => (isGiven = true));
  const late = ask(given, requestHold("5A", { key: "late" }));
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
  expect(isGiven).toBe(false);
  expect(late.codes()).toEqual(["NOT_OWNER"]);
  open();
  await isFinished;
  expect([first, ...waiting].flatMap(({ codes }) => codes())).toEqual(["ok", "ok", "ok", "ok"]);
  expect(ask(given, requestHold("6A", { key: "later" })).codes()).toEqual(["NOT_OWNER"]);
  const claims = await given.db.read.selectFrom("seat_claim").select("seat").execute();
  expect(claims.map(({ seat }) => seat).sort()).toEqual(["1A", "2A", "3A", "4A"]);
});

test("give() goes on serving until the bus brings nothing more", async () => {
  class SlowBus extends InProcessBus {
    readonly #mayStop = Promise.withResolvers<void>();
    readonly letStop = this.#mayStop.resolve;
    override async serve(...args: Parameters<InProcessBus["serve"]>) {
      const stop = await super.serve(...args);
      return () => this.#mayStop.promise.then(stop);
    }
  }
  const bus = new SlowBus();
  const given = await host({ bus });
  const isGiven = given.host.give([SHARD]);
  const onTheWay = ask(given, requestHold("1A"));
  await until(() => onTheWay.answers.length > 0, "the answer of a command that was on its way");
  expect(onTheWay.codes()).toEqual(["ok"]);
  bus.letStop();
  await isGiven;
  expect(ask(given, requestHold("2A", { key: "k2" })).codes()).toEqual(["NOT_OWNER"]);
});

test("give() does not wait for ever for a bus that does not stop: what still comes is refused", async () => {
  class StuckBus extends InProcessBus {
    override async serve(...args: Parameters<InProcessBus["serve"]>) {
      await super.serve(...args);
      return () => new Promise<void>(() => {});
    }
  }
  const clock = new FakeClock();
  const given = await host({ bus: new StuckBus(), clock });
  const isGiven = given.host.give([SHARD]);
  clock.advance(2_000);
  await isGiven;
  expect(ask(given, requestHold("1A")).codes()).toEqual(["NOT_OWNER"]);
  const stopped = given.host.stop();
  clock.advance(2_000);
  await stopped;
});

test("give() leaves the other shards alone, also while they are busy without a pause", async () => {
  const given = await host({ rules: { keysPerMember: 100_000, seatsPerMember: 1_000 } });
  let isOver = false;
  let asked = 0;
  const busy = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (!isOver) {
        const { reply } = await given.client.call(requestHold("1A", { flightId: OTHER, key: `b${asked++}` }));
        if (!reply.ok && reply.rejection.code !== "SEAT_TAKEN") throw new Error(reply.rejection.code);
      }
    }),
  );
  await given.client.call(requestHold("1A"));
  await given.host.give([SHARD]);
  const before = asked;
  await until(() => asked > before + 50, "the other flight goes on");
  isOver = true;
  await busy;
});

test("a shard that was given is taken again under its new epoch, and remembers everything", async () => {
  const clock = new FakeClock();
  const given = await host({ clock });
  const answer = await given.client.call(requestHold("1A"));
  await given.host.give([SHARD]);
  await setOwner(given, SHARD, null);
  const epoch = await setOwner(given, SHARD, given.incarnation);
  await given.host.take(new Map([[SHARD, epoch]]));
  expect(await given.client.call(requestHold("1A"))).toEqual({ reply: answer.reply, isReplay: true });
  expect((await given.client.call(requestHold("2A", { key: "k2" }))).reply.ok).toBe(true);
  clock.advance(15 * 60_000);
  await until(async () => {
    clock.advance(1);
    return (await given.db.read.selectFrom("seat_claim").selectAll().execute()).length === 0;
  }, "both holds end");
  expect((await examine(given.db.read)).findings).toEqual([]);
});

test("no deadline of a shard that was given is looked at", async () => {
  const clock = new FakeClock();
  const given = await host({ clock });
  await given.client.call(requestHold("1A"));
  await given.host.give([SHARD]);
  const before = given.faulty.tried.length;
  clock.advance(16 * 60_000);
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
  expect(given.host.flightsLoaded).toBe(0);
  expect(given.faulty.tried.length).toBe(before);
});

test("abandon() tells everybody NOT_OWNER at once, whatever the batch on its way comes to, and sends nothing more", async () => {
  const given = await host();
  await given.client.call(requestHold("9A", { key: "before" }));
  const { fault, reached, open } = gate();
  given.faulty.faults.push(fault);
  const shipped = ask(given, requestHold("1A", { key: "k1" }));
  await reached;
  const decided = ask(given, requestHold("2A", { key: "k2" }));
  await until(() => given.host.commandsWaiting === 2, "both are taken");
  for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate);
  const isLetGo = given.host.abandon();
  const after = ask(given, requestHold("3A", { key: "k3" }));
  expect([shipped, decided, after].map(({ codes }) => codes())).toEqual([["NOT_OWNER"], ["NOT_OWNER"], ["NOT_OWNER"]]);
  expect(given.host.commandsWaiting).toBe(0);
  open();
  await isLetGo;
  const tried = given.faulty.tried.length;
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
  expect(given.faulty.tried.length).toBe(tried);
  expect([shipped, decided].map(({ answers }) => answers.length)).toEqual([1, 1]);
  expect(given.host.flightsLoaded).toBe(0);
});

test("abandon() ends the tries at a batch whose outcome is unknown", async () => {
  const clock = new FakeClock();
  const given = await host({ clock });
  given.faulty.faults.push(...Array<Fault>(50).fill(fails("unknown")));
  const asked = ask(given, requestHold("1A"));
  await until(() => given.faulty.tried.length === 1, "a first try");
  const isLetGo = given.host.abandon();
  expect(asked.codes()).toEqual(["NOT_OWNER"]);
  await until(() => {
    clock.advance(1_000);
    return given.faulty.tried.length <= 2;
  }, "time passes");
  await isLetGo;
  expect(given.faulty.tried.length).toBe(1);
});

test("abandon() ends a give() that waits for the journal", async () => {
  const given = await host();
  const { fault, reached, open } = gate();
  given.faulty.faults.push(fault);
  const asked = ask(given, requestHold("1A"));
  await reached;
  const isGiven = given.host.give([SHARD]);
  await new Promise(setImmediate);
  const isLetGo = given.host.abandon();
  await isGiven;
  expect(asked.codes()).toEqual(["NOT_OWNER"]);
  open();
  await isLetGo;
});

test("a flight that was being read when its host was abandoned stays forgotten", async () => {
  const given = await host();
  const asked = ask(given, requestHold("1A"));
  await given.host.abandon();
  expect(asked.codes()).toEqual(["NOT_OWNER"]);
  for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate);
  expect(asked.answers).toHaveLength(1);
  expect(given.faulty.tried).toEqual([]);
});

test("take() that fails serves none of its shards, and can be tried again", async () => {
  const given = await host();
  await given.host.give(ALL);
  const epoch = await setOwner(given, SHARD, given.incarnation);
  const other = shardOf(OTHER);
  const otherEpoch = await setOwner(given, other, given.incarnation);
  const owned = new Map([
    [SHARD, epoch],
    [other, otherEpoch],
  ]);
  given.faulty.haveDeadlinesGone = true;
  expect(await failureOf(given.host.take(owned))).toBeInstanceOf(Error);
  expect(ask(given, requestHold("1A")).codes()).toEqual(["NOT_OWNER"]);
  given.faulty.haveDeadlinesGone = false;
  await given.host.take(owned);
  expect((await given.client.call(requestHold("1A"))).reply.ok).toBe(true);
});

test("a flight whose journal contradicts itself answers nothing but that it can't be read, and its host goes on", async () => {
  const given = await host();
  given.faulty.isTailBroken = true;
  const asked = ask(given, requestHold("1A"));
  await until(() => asked.answers.length > 0, "an answer");
  expect(asked.codes()).toEqual(["UNAVAILABLE"]);
  given.faulty.isTailBroken = false;
  expect((await given.client.call(requestHold("1A"))).reply.ok).toBe(true);
});

test("without a lease a host answers nothing: it says that the flight is not its own, until the lease is back", async () => {
  const given = await host();
  await given.client.call(requestHold("1A"));
  given.host.hasLease = () => false;
  expect(ask(given, requestHold("2A", { key: "k2" })).codes()).toEqual(["NOT_OWNER"]);
  expect(ask(given, requestHold("1A")).codes()).toEqual(["NOT_OWNER"]);
  given.host.hasLease = () => true;
  expect((await given.client.call(requestHold("2A", { key: "k2" }))).reply.ok).toBe(true);
});

test("a hold that was over while the flight could not be read ends once it can", async () => {
  const clock = new FakeClock();
  const given = await host({ clock });
  await given.client.call(requestHold("1A"));
  await given.host.give([SHARD]);
  const epoch = await setOwner(given, SHARD, given.incarnation);
  await given.host.take(new Map([[SHARD, epoch]]));
  given.faulty.isTailBroken = true;
  clock.advance(16 * 60_000);
  await until(() => given.host.flightsLoaded === 0, "it could not be read");
  given.faulty.isTailBroken = false;
  await until(async () => {
    clock.advance(1_000);
    return (await given.db.read.selectFrom("seat_claim").selectAll().execute()).length === 0;
  }, "the hold ends");
});

test("an answer that can't leave harms nobody else's", async () => {
  const given = await host();
  const command: Command = { ...requestHold("1A"), deadlineMs: Number.MAX_SAFE_INTEGER };
  const thrown: string[] = [];
  given.bus.send(SHARD, [
    {
      command,
      answer: () => {
        thrown.push("once");
        throw new Error("the caller is gone");
      },
    },
  ]);
  const next = ask(given, requestHold("2A", { key: "k2" }));
  await until(() => next.answers.length > 0, "the other's answer");
  expect(next.codes()).toEqual(["ok"]);
  expect(thrown).toEqual(["once"]);
  expect((await given.client.call(requestHold("3A", { key: "k3" }))).reply.ok).toBe(true);
  await given.host.give([SHARD]);
});

test("a flight tells each second how it keeps up, while somebody asks for it and a little longer", async () => {
  const clock = new FakeClock();
  const given = await host({ clock, limits: { mailboxMax: 2 } });
  const signals: LoadSignal[] = [];
  given.bus.subscribe(statSubject(FLIGHT_ID), (signal) => signals.push(signal));
  await given.client.call(requestHold("1A"));
  const { fault, reached, open } = gate();
  given.faulty.faults.push(fault);
  const asked = Array.from({ length: 6 }, (_, at) => ask(given, requestHold("2A", { key: `k${at + 2}` })));
  await reached;
  clock.advance(1_000);
  expect(signals).toEqual([{ flightId: FLIGHT_ID, mailbox: 0, waitP95Ms: 0, overloaded: 4, seatsLeft: 58 }]);
  const waiting = ask(given, requestHold("3A", { key: "w" }));
  open();
  await until(() => waiting.answers.length > 0, "the last answer");
  expect(asked.flatMap(({ codes }) => codes()).filter((code) => code === "OVERLOADED")).toHaveLength(4);
  clock.advance(60_000);
  expect(signals.slice(1)).toHaveLength(10);
  expect(signals.at(-1)).toEqual({ flightId: FLIGHT_ID, mailbox: 0, waitP95Ms: 0, overloaded: 0, seatsLeft: 57 });
});

const COMMITS = 12;

test("consumers elsewhere are told which events are durable, and of nothing that only recorded a refusal", async () => {
  const given = await host();
  const hints: JournalHint[] = [];
  given.bus.subscribe(ALL_JOURNALS, (hint) => hints.push(hint));
  await given.client.call(requestHold("1A"));
  await given.client.call(requestHold("1A", { key: "k2", member: "m2" }));
  const { reply } = await given.client.call(requestHold("1A"));
  const id = reply.ok && reply.result.kind === "reservation" ? reply.result.reservation.id : "";
  const { deadlineMs: _, ...release } = givenCommand("release", { reservationId: id }, { key: "k3" });
  await given.client.call(release);
  await until(() => hints.length === 2, "the hints");
  expect(hints).toEqual([
    { type: "held", flights: [FLIGHT_ID] },
    { type: "released", flights: [FLIGHT_ID] },
  ]);
});

test("many commits are told of together, each type of event with all its flights", async () => {
  const given = await host();
  const hints: JournalHint[] = [];
  given.bus.subscribe(ALL_JOURNALS, (hint) => hints.push(hint));
  const told = () => new Set(hints.flatMap(({ type, flights }) => flights.map((flightId) => `${type} ${flightId}`)));
  for (let at = 0; at < COMMITS; at++) {
    const flightId = at % 2 === 0 ? FLIGHT_ID : OTHER;
    await given.client.call(requestHold(`${at + 1}A`, { flightId, key: `k${at}` }));
  }
  await until(() => told().size === 2, "hints of both flights");
  expect(told()).toEqual(new Set([`held ${FLIGHT_ID}`, `held ${OTHER}`]));
  expect(hints.length).toBeLessThan(COMMITS);
});

/** Goal: while shards move, whoever asks a flight notices nothing but a pause: no command is lost, none is answered twice differently, no seat is sold twice. */

import { expect, test } from "bun:test";
import { present } from "../../../actors/assert.ts";
import type { Answer, Bus } from "../../../actors/bus/bus.ts";
import { flightClient } from "../../../actors/client.ts";
import { type FlightId, shardOf } from "../../../actors/domain/ids.ts";
import { numberForms } from "../../../actors/domain/number-forms.ts";
import { DEFAULT_RULES } from "../../../actors/domain/rules.ts";
import { FlightHost } from "../../../actors/flight-host.ts";
import type { Journal } from "../../../actors/journal.ts";
import { DEFAULT_LIMITS } from "../../../actors/limits.ts";
import { Numbers } from "../../../actors/numbers.ts";
import { givenPlan, requestHold } from "../../support/given.ts";
import { type GivenNode, GivenWorld } from "../../support/given-nodes.ts";
import { MemoryJournal } from "../../support/memory-journal.ts";
import { SimulatedProcess } from "../../support/simulated-process.ts";

const FLIGHTS = 32;
/** Flights that nobody asks for until a test does. */
const COLD_FLIGHTS = 32;
const CALLERS = 24;
const SEATS = 60;
/** Between an answer and its caller's next request, in milliseconds. */
const PAUSE_MS = 15;
const FORMS = numberForms(new Uint8Array(32).fill(7), "999");

const plans = Array.from({ length: FLIGHTS + COLD_FLIGHTS }, (_, at) =>
  givenPlan({ flightId: `PG-${100 + at}-20300131-ICN` }),
);

interface Asked {
  readonly flightId: FlightId;
  readonly key: string;
  /** Of every final answer that came, also to attempts that nobody waited for any more. */
  readonly answers: Set<string>;
  failure: string | null;
  isAnswered: boolean;
}

/** Real hosts that share shards, and callers that go on asking. */
class Load {
  readonly world = new GivenWorld();
  readonly #asked = new Map<string, Asked>();
  readonly #journal = new MemoryJournal(plans, shardOf, (shard) => this.world.shards.row(shard));
  readonly #numbers = { next: 0 };
  readonly #answeredAtMs = new Map<FlightId, number>();
  readonly #caller = new SimulatedProcess(this.world.clock);
  readonly #client = flightClient(
    this.#listening(this.world.hub.connect(this.#caller)),
    this.#caller.clock,
    this.world.entropy,
    { deadlineMs: 10_000, attemptMs: 400 },
  );
  /** The longest time between two answers of one flight, in milliseconds. */
  gapMs = 0;
  #isOver = false;

  node(name: string): Promise<GivenNode> {
    return this.world.start(name, {
      makeHost: (incarnation, { process, bus, clock, database, telemetry }) => {
        const { entropy } = this.world;
        const blocks = {
          lease: (_kind: string, size: number) =>
            database.call(async () => {
              this.#numbers.next += size;
              return this.#numbers.next - size;
            }),
        };
        const numbers = new Numbers(blocks, FORMS, entropy, telemetry.log);
        const journal = this.#journalOver(
          process.line(() => this.world.wayMs()),
          database,
        );
        return new FlightHost(
          { bus, clock, entropy, telemetry, numbers, journal },
          DEFAULT_RULES,
          DEFAULT_LIMITS,
          incarnation,
        );
      },
    });
  }

  /** As a process reaches it: a commit whose answer doesn't come may have happened. */
  #journalOver(line: GivenNode["database"], cut: GivenNode["database"]): Journal {
    const journal = this.#journal;
    const call = <T>(work: () => Promise<T>): Promise<T> => {
      line.isCut = cut.isCut;
      return line.call(work);
    };
    return {
      load: (flightId) => call(() => journal.load(flightId)),
      saveSnapshot: () => call(() => journal.saveSnapshot()),
      deadlines: (shards) => call(() => journal.deadlines(shards)),
      commit: (batch, isRepeat) =>
        call(() => journal.commit(batch, isRepeat)).catch((cause: unknown) => ({ kind: "unknown", cause })),
    };
  }

  /** Begins to ask, without an end until {@link finish}. */
  begin(): void {
    const { world } = this;
    const one = async (): Promise<void> => {
      const number = this.#asked.size;
      const flightId = present(plans[number % FLIGHTS], "a flight").flightId;
      // Each seat is asked for by several members: some get it, others are refused.
      const seatNumber = Math.floor(number / FLIGHTS / 3) % SEATS;
      const seat = `${Math.floor(seatNumber / 6) + 1}${"ABCDEF".charAt(seatNumber % 6)}`;
      const isAnswered = await this.#ask(flightId, seat);
      const nowMs = world.clock.nowMs();
      if (isAnswered) {
        this.gapMs = Math.max(this.gapMs, nowMs - (this.#answeredAtMs.get(flightId) ?? nowMs));
        this.#answeredAtMs.set(flightId, nowMs);
      }
      if (!this.#isOver) this.#caller.clock.after(PAUSE_MS, () => void one());
    };
    for (let caller = 0; caller < CALLERS; caller++) void one();
  }

  /** Asks each flight once that nobody has in memory. */
  askCold(): void {
    for (const { flightId } of plans.slice(FLIGHTS)) void this.#ask(flightId, "1A");
  }

  async #ask(flightId: FlightId, seat: string): Promise<boolean> {
    const key = `k${this.#asked.size}`;
    const asked: Asked = { flightId, key, answers: new Set(), failure: null, isAnswered: false };
    this.#asked.set(key, asked);
    try {
      await this.#client.call(requestHold(seat, { flightId, key, member: `m${key}` }));
      asked.isAnswered = true;
    } catch (cause) {
      asked.failure = String(cause);
    }
    return asked.isAnswered;
  }

  /** The bus, with an ear on every answer. */
  #listening(bus: Bus): Bus {
    const heard = (key: string | null, answer: Answer): void => {
      if (!answer.ok) return;
      this.#asked.get(key ?? "")?.answers.add(JSON.stringify(answer.reply));
    };
    return {
      send: (shard, sendings) =>
        bus.send(
          shard,
          sendings.map(({ command, answer }) => ({
            command,
            answer: (given) => {
              heard(command.key, given);
              answer(given);
            },
          })),
        ),
      serve: (shard, serving) => bus.serve(shard, serving),
      publish: (subject, message) => bus.publish(subject, message),
      subscribe: (subject, hear, missed) => bus.subscribe(subject, hear, missed),
      trouble: () => bus.trouble(),
      close: () => bus.close(),
    };
  }

  /** Forgets the gaps so far. */
  measure(): void {
    this.gapMs = 0;
    for (const { flightId } of plans) this.#answeredAtMs.set(flightId, this.world.clock.nowMs());
  }

  /** Asks no more, and waits for what is on its way. */
  async finish(): Promise<void> {
    this.#isOver = true;
    await this.world.until(
      () => [...this.#asked.values()].every(({ isAnswered, failure }) => isAnswered || failure !== null),
      "every answer",
      15_000,
    );
  }

  /** What was told is what the journal says, once each, and no seat is two people's. */
  check(): void {
    const all = [...this.#asked.values()];
    expect(all.filter(({ failure }) => failure !== null)).toEqual([]);
    expect(all.filter(({ answers }) => answers.size !== 1)).toEqual([]);
    const recorded = new Map<string, string>();
    for (const { flightId } of plans) {
      const seats = new Set<string>();
      for (const { entry } of this.#journal.entries(flightId)) {
        for (const { key, events } of entry.turns) {
          for (const event of events) {
            if (event.type !== "held") continue;
            for (const { seat } of event.passengers) {
              expect(seats.has(seat ?? "")).toBe(false);
              seats.add(seat ?? "");
            }
          }
          if (key === null) continue;
          const name = key.name.slice(key.name.lastIndexOf("/") + 1);
          expect(recorded.has(name)).toBe(false);
          recorded.set(name, JSON.stringify(key.reply));
        }
      }
    }
    for (const { key, answers } of all) expect([...answers]).toEqual([recorded.get(key) ?? "not in the journal"]);
    expect(recorded.size).toBe(all.length);
  }
}

async function given(...names: string[]): Promise<{ load: Load; world: GivenWorld; nodes: GivenNode[] }> {
  const load = new Load();
  const nodes: GivenNode[] = [];
  for (const name of names) nodes.push(await load.node(name));
  await load.world.run(5_000);
  load.begin();
  await load.world.run(500);
  load.measure();
  return { load, world: load.world, nodes };
}

test("a host joins", async () => {
  const { load, world } = await given("a");
  const joined = await load.node("b");
  await world.run(2_000);
  await load.finish();
  load.check();
  expect(joined.ownership.size).toBeGreaterThan(80);
  expect(load.gapMs).toBeLessThan(500);
});

test("every host is restarted, one after another", async () => {
  const { load, world, nodes } = await given("a", "b");
  for (const node of nodes) {
    node.stop().catch(() => {});
    await world.until(() => node.isStopped, "it has left", 5_000);
    await load.node(node.name);
    await world.run(1_500);
  }
  await load.finish();
  load.check();
  expect(load.gapMs).toBeLessThan(500);
});

test("a host is killed", async () => {
  const { load, world, nodes } = await given("a", "b");
  nodes[1]?.process.kill();
  await world.run(8_000);
  await load.finish();
  load.check();
  expect(load.gapMs).toBeLessThan(6_000);
});

test("a host is paused for longer than its lease, and goes on", async () => {
  const { load, world, nodes } = await given("a", "b");
  nodes[1]?.process.pause();
  await world.run(8_000);
  load.askCold();
  await world.run(100);
  nodes[1]?.process.resume();
  await world.run(3_000);
  await load.finish();
  load.check();
  expect(load.gapMs).toBeLessThan(6_000);
});

test("a host is cut from the bus, and comes back", async () => {
  const { load, world, nodes } = await given("a", "b");
  const cut = nodes[1];
  if (cut !== undefined) cut.bus.isCut = true;
  await world.run(8_000);
  if (cut !== undefined) cut.bus.isCut = false;
  await world.run(3_000);
  await load.finish();
  load.check();
  expect(load.gapMs).toBeLessThan(6_000);
});

test("a host is cut from the database, and comes back", async () => {
  const { load, world, nodes } = await given("a", "b");
  const cut = nodes[1];
  if (cut !== undefined) cut.database.isCut = true;
  await world.run(8_000);
  // It still hears them, and can't read them: the host that can must be the one that answers.
  load.askCold();
  await world.run(1_000);
  if (cut !== undefined) cut.database.isCut = false;
  await world.run(3_000);
  await load.finish();
  load.check();
  expect(load.gapMs).toBeLessThan(6_000);
});

test("the database is away for everybody, and back", async () => {
  const { load, world, nodes } = await given("a", "b");
  for (const { database } of nodes) database.isCut = true;
  await world.run(7_000);
  for (const { database } of nodes) database.isCut = false;
  await world.run(3_000);
  await load.finish();
  load.check();
});

// Goal: of many processes that could follow the journal one does; whoever loses the lock ends what it began, and the next one goes on from there.

import { fullGC, heapStats } from "bun:jsc";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { journalSubject } from "../../actors/bus/subjects.ts";
import type { FlightEvent } from "../../actors/domain/event.ts";
import { OperationalError } from "../../actors/errors.ts";
import { JournalTailStore } from "../../db/stores/journal-tail.ts";
import { EventPublisher, eventsConsumer } from "../../queue/events/event-publisher.ts";
import { Reconciler } from "../../queue/payments/reconciler.ts";
import type { Consumer } from "../../queue/relay/relay.ts";
import type { HeldLock, WorkerLock } from "../../queue/relay/worker-lock.ts";
import { Workers } from "../../queue/workers.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { entropy, GivenPayments } from "../support/given-payments.ts";
import { JournalWriter } from "../support/journal-writer.ts";
import { until } from "../support/until.ts";

/** A lock of one process's memory, which the test takes away at will. */
class OneLock implements WorkerLock {
  isOutOfReach = false;
  #loses: (() => void) | null = null;

  get isHeld(): boolean {
    return this.#loses !== null;
  }

  async take(): Promise<HeldLock | null> {
    if (this.isOutOfReach) throw new OperationalError("UNAVAILABLE", "The database is away.");
    if (this.isHeld) return null;
    const { promise: lost, resolve } = Promise.withResolvers<void>();
    this.#loses = resolve;
    return {
      lost,
      release: async () => {
        if (this.#loses === resolve) this.#loses = null;
      },
    };
  }

  /** The holder learns that it is not the holder any more. */
  lose(): void {
    const loses = present(this.#loses, "somebody has it");
    this.#loses = null;
    loses();
  }
}

let given: GivenPayments;
let writer: JournalWriter;
let lock: OneLock;
let handled: string[];
let running: Workers[];

beforeAll(async () => {
  given = await GivenPayments.open({});
});
beforeEach(async () => {
  await given.fresh();
  writer = await JournalWriter.open(given.database);
  lock = new OneLock();
  handled = [];
  running = [];
});
afterEach(() => Promise.all(running.map((workers) => workers.stop())));
afterAll(() => given.close());

let consumers = 0;

function start(name: string, consumer: string, ...more: readonly Consumer[]): Workers {
  const { bus, book, clock, telemetry } = given;
  const workers = new Workers({
    bus,
    lock,
    reconciler: new Reconciler({ book, settlement: given.settlement(given.provider), clock, telemetry }),
    consumers: [
      {
        consumer,
        interests: ["ticketed"],
        handle: async (flightId, { version }) => {
          if (flightId === given.plan.flightId) handled.push(`${name}:${version}`);
        },
      },
      ...more,
    ],
    tail: new JournalTailStore(given.database),
    clock,
    entropy,
    telemetry,
  });
  running.push(workers);
  workers.start();
  return workers;
}

async function commit(...types: FlightEvent["type"][]): Promise<void> {
  const { flightId } = given.plan;
  await writer.append(flightId, types);
  for (const type of types) given.bus.publish(journalSubject(type), { type, flights: [flightId] });
}

/** The next look of a process that has no lock. */
async function look(): Promise<void> {
  given.clock.advance(1_000);
  await until(() => lock.isHeld, "somebody to take the lock");
}

test("of two processes one follows, and after it has stopped the other goes on with what is new", async () => {
  const consumer = `workers-${++consumers}`;
  const first = start("first", consumer);
  await until(() => lock.isHeld, "the lock");
  start("second", consumer);
  await commit("ticketed");
  await until(() => handled.length === 1, "the entry");
  await first.stop();
  await look();
  await commit("ticketed");
  await until(() => handled.length === 2, "the next entry");
  expect(handled).toEqual(["first:1", "second:2"]);
});

test("whoever loses the lock handles nothing more, and takes it again when nobody has it", async () => {
  start("only", `workers-${++consumers}`);
  await until(() => lock.isHeld, "the lock");
  await commit("ticketed");
  await until(() => handled.length === 1, "the entry");
  lock.isOutOfReach = true;
  lock.lose();
  await commit("ticketed");
  given.clock.advance(1_000);
  lock.isOutOfReach = false;
  expect(handled).toEqual(["only:1"]);
  await look();
  await until(() => handled.length === 2, "what came meanwhile");
  expect(handled).toEqual(["only:1", "only:2"]);
});

test("whoever loses the lock while the stream of events is away takes it again, and everything else goes on", async () => {
  const { clock, telemetry } = given;
  const away = () => Promise.reject(new OperationalError("UNAVAILABLE", "The stream is away."));
  const events = eventsConsumer(new EventPublisher({ stream: { store: away }, clock, telemetry }));
  start("only", `workers-${++consumers}`, events);
  await until(() => lock.isHeld, "the lock");
  await commit("ticketed");
  const outOfReach = "the stream of events is out of reach; events wait in the journal";
  await until(() => handled.length === 1 && telemetry.messages.includes(outOfReach), "the entry, and a try");
  lock.lose();
  await until(() => lock.isHeld, "the lock again");
  await commit("ticketed");
  await until(() => handled.length === 2, "the next entry");
  expect(handled).toEqual(["only:1", "only:2"]);
});

test("one that waits for its turn keeps nothing of its looks, however long it waits", async () => {
  const { bus, book, telemetry } = given;
  const clock = new FakeClock();
  let looks = 0;
  const waiting = new Workers({
    bus,
    lock: {
      async take() {
        looks += 1;
        return null;
      },
    },
    reconciler: new Reconciler({ book, settlement: given.settlement(given.provider), clock: given.clock, telemetry }),
    consumers: [],
    tail: new JournalTailStore(given.database),
    clock,
    entropy,
    telemetry,
  });
  waiting.start();
  running.push(waiting);
  const promisesAfter = async (count: number): Promise<number> => {
    for (const until = looks + count; looks < until; ) {
      clock.advance(1_000);
      await new Promise(setImmediate);
    }
    fullGC();
    return heapStats().objectTypeCounts.Promise ?? 0;
  };
  const before = await promisesAfter(10);
  expect((await promisesAfter(2_000)) - before).toBeLessThan(200);
});

/** Goal: a flight's client asks the same key again through silence and changes of owner until its deadline, gathers what goes the same way, and says what came of it. */

import { beforeEach, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import type { Answer, Bus, Sending } from "../../actors/bus/bus.ts";
import { InProcessBus } from "../../actors/bus/in-process.ts";
import { type FlightAnswer, flightClient } from "../../actors/client.ts";
import { connectFlights } from "../../actors/connect.ts";
import { shardOf } from "../../actors/domain/ids.ts";
import { type OperationalCode, OperationalError } from "../../actors/errors.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { failureOf } from "../support/failure-of.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FLIGHT_ID, requestHold } from "../support/given.ts";
import { DONE, GivenOwner } from "../support/given-owner.ts";
import { describeWithService } from "../support/services.ts";
import { until } from "../support/until.ts";

const OTHER = "PG-202-20300131-ICN";

function failed(code: OperationalCode, retryAfterMs?: number): Answer {
  const options = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { ok: false, error: new OperationalError(code, "Not now.", options) };
}

/** A bus that only notes what it is sent. */
class NotingBus extends InProcessBus {
  readonly sent: { readonly shard: number; readonly sendings: readonly Sending[]; readonly atMs: number }[] = [];
  /** Said to each attempt at once; null for silence. */
  says: Answer | null = null;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    super();
    this.#clock = clock;
  }

  override send(shard: number, sendings: readonly Sending[]): void {
    this.sent.push({ shard, sendings, atMs: this.#clock.monotonicMs() });
    if (this.says !== null) for (const { answer } of sendings) answer(this.says);
  }

  answer(attempt: number, answer: Answer): void {
    present(this.sent[attempt]?.sendings[0], `attempt ${attempt}`).answer(answer);
  }
}

describe("flightClient()", () => {
  let clock: FakeClock;
  let bus: NotingBus;
  /** In the middle of the jitter: pauses are as long as they are meant. */
  const entropy = { ...systemEntropy(), fraction: () => 0.5 };

  beforeEach(() => {
    clock = new FakeClock();
    bus = new NotingBus(clock);
  });

  function call(deadlineMs = 10_000): { ended: FlightAnswer | OperationalError | null } {
    const client = flightClient(bus satisfies Bus, clock, entropy, { deadlineMs });
    const outcome: { ended: FlightAnswer | OperationalError | null } = { ended: null };
    client.call(requestHold("1A")).then(
      (answer) => {
        outcome.ended = answer;
      },
      (error: OperationalError) => {
        outcome.ended = error;
      },
    );
    return outcome;
  }

  /** Lets time pass in steps in which everybody gets a turn. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 10) {
      clock.advance(10);
      await Promise.resolve();
    }
  }

  test("call() sends the same command again after 400 ms of silence, until it is answered", async () => {
    const outcome = call();
    await pass(1_000);
    expect(bus.sent.map(({ atMs }) => Math.round(atMs / 50) * 50)).toEqual([0, 400, 800]);
    const commands = bus.sent.map(({ sendings }) => sendings[0]?.command);
    expect(new Set(commands).size).toBe(1);
    bus.answer(0, DONE);
    await pass(2_000);
    expect(outcome.ended).toMatchObject({ reply: { ok: true } });
    expect(bus.sent).toHaveLength(3);
  });

  test("call() comes again soon after a NOT_OWNER, and later each time", async () => {
    bus.says = failed("NOT_OWNER");
    call();
    await pass(1_500);
    const pauses = bus.sent.slice(1).map(({ atMs }, at) => atMs - present(bus.sent[at], "an attempt").atMs);
    expect(pauses.slice(0, 6)).toEqual([50, 75, 112.5, 168.75, 250, 250]);
  });

  test("call() goes on listening to an attempt that a former owner has disowned", async () => {
    const outcome = call();
    bus.answer(0, failed("NOT_OWNER"));
    bus.answer(0, DONE);
    await pass(10);
    expect(outcome.ended).toMatchObject({ reply: { ok: true } });
    expect(bus.sent).toHaveLength(1);
  });

  test("call() takes the answer to an earlier attempt, and only the first one", async () => {
    const outcome = call();
    await pass(410);
    expect(bus.sent).toHaveLength(2);
    bus.answer(0, DONE);
    bus.answer(1, { ok: true, reply: { ok: true, result: { kind: "done" } }, isReplay: true });
    await pass(10);
    expect(outcome.ended).toMatchObject({ isReplay: false });
  });

  test("call() ends with DEADLINE_EXCEEDED at its deadline when some attempt found silence", async () => {
    const outcome = call(1_000);
    await pass(450);
    bus.answer(1, failed("NOT_OWNER"));
    await pass(600);
    expect(outcome.ended).toMatchObject({ code: "DEADLINE_EXCEEDED", retryable: true });
  });

  test("call() ends with UNAVAILABLE at its deadline when every attempt was told that nobody serves the flight", async () => {
    bus.says = failed("NOT_OWNER");
    const outcome = call(500);
    await pass(520);
    expect(outcome.ended).toMatchObject({ code: "UNAVAILABLE", retryable: true });
  });

  test.each(["OVERLOADED", "TOO_MANY_KEYS", "INTERNAL", "FORBIDDEN", "UNAVAILABLE"] as const)(
    "call() ends at once with %s, and with its hint",
    async (code) => {
      const outcome = call();
      bus.answer(0, failed(code, 1_500));
      await pass(1_000);
      expect(outcome.ended).toMatchObject({ code, retryAfterMs: 1_500 });
      expect(bus.sent).toHaveLength(1);
    },
  );

  test.each(["OVERLOADED", "UNAVAILABLE"] as const)(
    "call() goes on listening to an attempt that was told nothing when the next one is told %s",
    async (code) => {
      const taken = call();
      await pass(410);
      bus.answer(1, failed(code, 1_500));
      await pass(1_400);
      // Not before the hint says so.
      expect(bus.sent).toHaveLength(2);
      bus.answer(0, DONE);
      await pass(10);
      expect(taken.ended).toMatchObject({ reply: { ok: true } });

      const silent = call(1_000);
      await pass(410);
      bus.says = failed(code, 300);
      await pass(700);
      // It may have been done: only the same key tells.
      expect(silent.ended).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    },
  );

  test("call() gathers the commands of one turn for one shard, and sends those of the next turn apart", async () => {
    const client = flightClient(bus, clock, entropy, { gathers: true });
    const ask = (seat: string, flightId = FLIGHT_ID) =>
      void client.call(requestHold(seat, { flightId, key: `${flightId} ${seat}` })).catch(() => {});
    ask("1A");
    ask("1B");
    ask("1A", OTHER);
    ask("1C");
    expect(bus.sent).toEqual([]);
    await until(() => bus.sent.length > 0, "the turn's end");
    ask("1D");
    await until(() => bus.sent.length > 2, "the next turn's end");
    expect(bus.sent.map(({ shard, sendings }) => [shard, sendings.map(({ command }) => command.key)])).toEqual([
      [shardOf(FLIGHT_ID), [`${FLIGHT_ID} 1A`, `${FLIGHT_ID} 1B`, `${FLIGHT_ID} 1C`]],
      [shardOf(OTHER), [`${OTHER} 1A`]],
      [shardOf(FLIGHT_ID), [`${FLIGHT_ID} 1D`]],
    ]);
  });

  test("call() sends at once where it does not gather", () => {
    call();
    expect(bus.sent).toHaveLength(1);
  });
});

describeWithService("nats-server", "connectFlights()", () => {
  test("lets a program of the operator's own ask in few lines, and tells what it may not ask", async () => {
    const given = await GivenOwner.start();
    try {
      const flights = await connectFlights({ url: given.server.url("internal"), caller: "internal-desk" });
      const request = {
        flightId: FLIGHT_ID,
        member: "m1",
        args: { passengers: [{ name: "Kim", type: "ADT" }] },
      } as const;
      const { reply, isReplay } = await flights.call({ ...request, op: "hold", key: "order-4711" });
      expect([reply.ok, isReplay]).toEqual([true, false]);
      expect(given.taken[0]?.fingerprint).toMatch(/^[A-Za-z0-9_-]{22}$/);
      const settle = {
        flightId: FLIGHT_ID,
        op: "settle-refund",
        member: null,
        key: "r1",
        args: { attempt: "a1" },
      } as const;
      expect(await failureOf(flights.call(settle))).toMatchObject({ code: "FORBIDDEN" });
      expect(given.taken).toHaveLength(1);
      expect(flights.trouble()).toBeNull();
      await flights.close();
    } finally {
      await given.stop();
    }
  });
});

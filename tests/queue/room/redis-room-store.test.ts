// Goal: the scripts of Redis do what the memory does, whatever is asked in whatever order; and a Redis that fell back to an older copy of itself is found out.

import { afterAll, beforeAll, expect, test } from "bun:test";
import * as fc from "fast-check";
import { present } from "../../../actors/assert.ts";
import { silent } from "../../../actors/telemetry.ts";
import { systemClock } from "../../../db/system-clock.ts";
import { openRedis, type Redis } from "../../../queue/redis/redis.ts";
import { MemoryRoomStore } from "../../../queue/room/memory/memory-room-store.ts";
import { RedisRoomStore } from "../../../queue/room/redis-room-store.ts";
import type { DoorRules, MemberPass, RoomId, RoomRemains, RoomStore } from "../../../queue/room/room-store.ts";
import { RedisServer } from "../../support/given-redis.ts";
import { describeWithService } from "../../support/services.ts";
import { until } from "../../support/until.ts";

const NOW_MS = Date.UTC(2030, 0, 1);
const MEMBERS = 12;

const RULES: DoorRules = {
  changedAtMs: NOW_MS,
  isPaused: false,
  admitPerMinute: 60,
  passTtlMs: 30_000,
  maxActive: null,
};
const NOTHING: RoomRemains = {
  admitted: 0,
  seqHigh: 0,
  seqCeiling: 0,
  seqKnown: 0,
  gaps: [],
  frozen: null,
  rules: RULES,
  passes: [],
};

const member = fc.integer({ min: 1, max: MEMBERS }).map((number) => `m${number}`);
const seq = fc.integer({ min: 1, max: 20 });
const elapsedMs = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 3_000 }),
  fc.integer({ min: -2_000, max: 40_000 }),
  fc.constant(661_000),
);

/** Whose each place is: a signed ticket names one member. */
type Owners = Map<number, string>;

interface Ask {
  readonly member: string;
  readonly seq: number;
}

interface Given {
  readonly room: RoomId;
  readonly nowMs: number;
}

/** What is asked of one store, and then of the other. */
type Take = (store: RoomStore, given: Given) => Promise<unknown>;

/** One step, some time after the one before. */
interface Step {
  readonly name: string;
  readonly elapsedMs: number;
  readonly prepare: (owners: Owners) => Take;
}

function owned(owners: Owners, { member, seq }: Ask): Ask {
  const owner = owners.get(seq) ?? member;
  owners.set(seq, owner);
  return { member: owner, seq };
}

function step<Args>(
  weight: number,
  name: string,
  args: fc.Arbitrary<Args>,
  prepare: (args: Args, owners: Owners) => Take,
): { weight: number; arbitrary: fc.Arbitrary<Step> } {
  const arbitrary = fc.record({ args, elapsedMs }).map(({ args: given, elapsedMs }) => ({
    elapsedMs,
    name: `${name} ${JSON.stringify(given)} after ${elapsedMs} ms`,
    prepare: (owners: Owners) => prepare(given, owners),
  }));
  return { weight, arbitrary };
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  step(
    3,
    "join",
    fc.record({
      asks: fc.array(fc.record({ member, back: fc.option(seq, { freq: 5 }) }), { minLength: 1, maxLength: 4 }),
      known: fc.integer({ min: 0, max: 6 }),
      ceiling: fc.integer({ min: 0, max: 25 }),
    }),
    ({ asks: wanted, known, ceiling }, owners) => {
      const asks = wanted.map(({ member, back }) =>
        back === null ? { member, seq: null } : owned(owners, { member, seq: back }),
      );
      return async (store, { room }) => {
        const answers = present(await store.join(room, asks, known, ceiling), "the room is known");
        answers.forEach((answer, at) => {
          if (answer.kind === "place") owners.set(answer.seq, asks[at]?.member ?? "");
        });
        return answers;
      };
    },
  ),
  step(
    8,
    "door",
    fc.record({ member, seq, isPaused: fc.boolean(), newer: fc.integer({ min: 0, max: 3 }) }),
    ({ member, seq, isPaused, newer }, owners) => {
      const ask = owned(owners, { member, seq });
      const rules = {
        ...RULES,
        isPaused: isPaused && newer === 3,
        changedAtMs: NOW_MS + newer,
        maxActive: newer === 2 ? 1 : null,
      };
      return (store, { room, nowMs }) => store.door(room, { ...ask, place: ask.seq }, rules, nowMs);
    },
  ),
  step(
    3,
    "raise",
    fc.record({
      fence: fc.integer({ min: 1, max: 3 }),
      admitted: fc.integer({ min: 0, max: 22 }),
      ratePerMinute: fc.constantFrom(0, 10, 60, 1_000),
      activeMax: fc.integer({ min: 0, max: 5 }),
      seatsLeft: fc.option(fc.integer({ min: 0, max: 5 })),
    }),
    ({ fence, ...raise }) =>
      (store, { room, nowMs }) =>
        store.raise(room, fence, { ...raise, rules: RULES, note: null }, nowMs),
  ),
  step(2, "end", fc.record({ member, seq }), (ended, owners) => {
    const { member, seq } = owned(owners, ended);
    return (store, { room, nowMs }) =>
      store.end(room, member, { seq, expiresAtMs: NOW_MS + 1_000_000_000 + seq }, nowMs);
  }),
  step(2, "take back", fc.record({ member, seq }), (taken, owners) => {
    const { member, seq } = owned(owners, taken);
    return (store, { room, nowMs }) => store.takeBack(room, { member, seq, place: seq }, nowMs);
  }),
  step(
    2,
    "glance",
    fc.constant(0),
    () =>
      (store, { room, nowMs }) =>
        store.glance(room, 0, nowMs),
  ),
  step(
    1,
    "freeze",
    fc.constant(0),
    () =>
      (store, { room }) =>
        store.freeze(room),
  ),
  step(1, "places", fc.constant(0), () => async (store, { room }) => {
    const { places } = present(await store.places(room, null), "the room is known");
    return places.toSorted((a, b) => (a.member < b.member ? -1 : 1));
  }),
);

/** What a room may begin with. */
const remains: fc.Arbitrary<RoomRemains> = fc.record({
  admitted: fc.integer({ min: 0, max: 3 }),
  seqHigh: fc.integer({ min: 3, max: 5 }),
  seqCeiling: fc.integer({ min: 5, max: 7 }),
  seqKnown: fc.integer({ min: 0, max: 6 }),
  gaps: fc.oneof(
    fc.constant([]),
    fc.constant([{ from: 2, to: 3 }]),
    fc.constant([
      { from: 1, to: 1 },
      { from: 3, to: 6 },
    ]),
  ),
  frozen: fc.option(fc.constant(3)),
  rules: fc.constant(RULES),
  passes: fc
    .uniqueArray(
      fc.record({
        number: fc.integer({ min: 1, max: 3 }),
        agoMs: fc.integer({ min: 0, max: 40_000 }),
        isEnded: fc.boolean(),
      }),
      { selector: ({ number }) => number, maxLength: 3 },
    )
    .map((passes) =>
      passes.map(
        ({ number, agoMs, isEnded }): MemberPass => ({
          member: `m${number}`,
          seq: number,
          issuedAtMs: NOW_MS - agoMs,
          expiresAtMs: NOW_MS - agoMs + 30_000,
          endedAtMs: isEnded ? NOW_MS - agoMs + 1 : null,
        }),
      ),
    ),
});

describeWithService("redis-server", "Redis", () => {
  let server: RedisServer;
  let redis: Redis;
  let store: RedisRoomStore;

  beforeAll(async () => {
    server = await RedisServer.start({ options: ["--appendonly", "no"] });
    redis = await openRedis(server.url, { telemetry: silent, clock: systemClock() });
    store = new RedisRoomStore(redis);
  });
  afterAll(async () => {
    redis.close();
    await server.remove();
  });

  /** Starts it again with what it saved last. */
  async function fallBack(): Promise<void> {
    await server.restart();
    const isBack = () =>
      redis
        .ask((client) => client.ping())
        .then(
          () => true,
          () => false,
        );
    await until(isBack, "the connection");
  }

  // Counted on from one attempt to the next: each case has a room of its own.
  let flights = 0;
  test("answers as the memory does, step by step", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constant(NOTHING), remains),
        fc.array(steps, { minLength: 10, maxLength: 60 }),
        async (given, taken) => {
          const flightId = `PG-${flights++}`;
          const memory = new MemoryRoomStore();
          const room = { flightId, epoch: 1 };
          const owners: Owners = new Map(given.passes.map(({ member, seq }) => [seq, member]));
          let nowMs = NOW_MS;
          for (const each of [memory, store]) await each.restore(room, given, nowMs);
          for (const { prepare, elapsedMs, name } of taken) {
            nowMs += elapsedMs;
            const take = prepare(owners);
            const expected = await take(memory, { room, nowMs });
            expect({ [name]: await take(store, { room, nowMs }) }).toEqual({ [name]: expected });
          }
        },
      ),
      { numRuns: 150 },
    );
  }, 30_000);

  test("knows no room when it is an older copy of itself, and goes on above what the lost one can have given out", async () => {
    const room = { flightId: "PG-COPY", epoch: 1 };
    const join = async (name: string) =>
      present(await store.join(room, [{ member: name, seq: null }], 0, 10), "it is known");
    await store.restore(room, NOTHING, NOW_MS);
    await join("m1");
    await store.raise(
      room,
      7,
      { admitted: 1, ratePerMinute: 60, activeMax: 9, seatsLeft: 9, rules: RULES, note: null },
      NOW_MS,
    );
    await store.door(room, { member: "m1", seq: 1, place: 1 }, RULES, NOW_MS);
    await server.run("SAVE");
    await join("m2");
    await join("m3");
    await fallBack();

    expect(await store.glance(room, 0, NOW_MS)).toBeNull();
    expect(await store.join(room, [{ member: "m4", seq: null }], 0, 10)).toBeNull();
    const pass = { member: "m2", seq: 2, issuedAtMs: NOW_MS, expiresAtMs: NOW_MS + 30_000, endedAtMs: null };
    const gaps = [{ from: 16, to: 20 }];
    await store.restore(room, { ...NOTHING, admitted: 3, seqHigh: 3, seqCeiling: 10, gaps, passes: [pass] }, NOW_MS);
    expect(await store.glance(room, 0, NOW_MS)).toMatchObject({
      seqHigh: 17,
      admitted: 3,
      active: 1,
      gaps: [{ from: 4, to: 20 }],
    });
    expect(await join("m1")).toEqual([{ kind: "place", seq: 1, isNew: false }]);
    // A pass that the database doesn't know was never handed out.
    expect(await store.door(room, { member: "m1", seq: 1, place: 1 }, RULES, NOW_MS + 5_000)).toMatchObject({
      kind: "pass",
      isNew: true,
    });
    expect(
      await store.raise(
        room,
        6,
        { admitted: 3, ratePerMinute: 60, activeMax: 9, seatsLeft: 9, rules: RULES, note: null },
        NOW_MS,
      ),
    ).toBe(false);
  });

  test("has those who stood at the door ask anew when it comes back, as those who were called, however long it was away", async () => {
    const room = { flightId: "PG-LONG", epoch: 1 };
    const pace = { admitted: 4, ratePerMinute: 60, activeMax: 1, seatsLeft: 9, rules: RULES, note: null };
    const asked = (seq: number, atMs: number) => store.door(room, { member: `m${seq}`, seq, place: seq }, RULES, atMs);
    await store.restore(room, NOTHING, NOW_MS);
    await store.join(
      room,
      [1, 2, 3, 4].map((seq) => ({ member: `m${seq}`, seq: null })),
      0,
      10,
    );
    await store.raise(room, 1, pace, NOW_MS);
    const pass = { member: "m1", seq: 1, issuedAtMs: NOW_MS, expiresAtMs: NOW_MS + 30_000, endedAtMs: null };
    expect((await asked(1, NOW_MS))?.kind).toBe("pass");
    // One stands there, and one has left; another one was called and has not come.
    await asked(3, NOW_MS);
    await asked(2, NOW_MS + 8_000);
    await store.glance(room, 0, NOW_MS + 10_000);
    await server.run("SAVE");
    await fallBack();
    const laterMs = NOW_MS + 15 * 60_000;
    await store.restore(room, { ...NOTHING, admitted: 4, seqHigh: 4, seqCeiling: 4, passes: [pass] }, laterMs);
    expect(await store.glance(room, 0, laterMs)).toMatchObject({ atDoor: 0, shown: 0, active: 0 });
    for (const seq of [4, 3, 2]) expect(await asked(seq, laterMs)).toEqual({ kind: "at-door", ahead: 0 });
    expect(await store.glance(room, 0, laterMs)).toMatchObject({ atDoor: 3, shown: 3 });
  });

  test("takes less than 200 bytes for each member who waits", async () => {
    const usedBytes = async () => Number(/used_memory:(\d+)/.exec(String(await server.run("INFO", "memory")))?.[1]);
    await server.empty();
    const before = await usedBytes();
    const room = { flightId: "PG-MANY", epoch: 1 };
    await store.restore(room, NOTHING, NOW_MS);
    const count = 50_000;
    for (let at = 0; at < count; at += 1_000) {
      const asks = Array.from({ length: 1_000 }, () => ({ member: Bun.randomUUIDv7(), seq: null }));
      await store.join(room, asks, 0, count);
    }
    expect((await usedBytes()) - before).toBeLessThan(count * 200);
  });

  test("has all keys of a room under one hash tag", async () => {
    const keys = (await server.run("KEYS", "*")) as string[];
    expect(keys.length).toBeGreaterThan(1);
    expect(keys.filter((key) => !/^room:\{PG-[A-Z0-9]+\}(:1:[a-z]+)?$/.test(key))).toEqual([]);
  });
});

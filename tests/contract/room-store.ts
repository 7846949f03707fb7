/** Owns what every room store must keep to: run over each implementation of the port. The door has a file of its own. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { joinedOf } from "../../queue/room/positions.ts";
import { type PlacesPage, RESTORED_SHUT_MS, ROOM_JOURNAL_MAX, type RoomStore } from "../../queue/room/room-store.ts";
import {
  GivenRoom,
  memberPass,
  NOW_MS,
  passOf,
  type RoomStoreUnderTest,
  raised,
  remains,
  rules,
} from "./room-store-given.ts";

const MINUTE_MS = 60_000;

export function roomStoreContract(name: string, open: () => Promise<RoomStoreUnderTest>): void {
  describe(`room store ${name}`, () => {
    let under: RoomStoreUnderTest;
    let store: RoomStore;
    let given: GivenRoom;

    beforeAll(async () => {
      under = await open();
      store = under.store;
    });
    afterAll(() => under.close());
    beforeEach(() => {
      given = new GivenRoom(store);
    });

    describe("a room that it doesn't hold", () => {
      test("is unknown to every call, until it is restored", async () => {
        const asks = [{ member: "m1", seq: null }];
        expect(await store.join(given.room, asks, 0, 10)).toBeNull();
        expect(await store.door(given.room, { member: "m1", seq: 1, place: 1 }, rules(), NOW_MS)).toBeNull();
        expect(await store.end(given.room, "m1", { seq: 1, expiresAtMs: NOW_MS }, NOW_MS)).toBeNull();
        expect(await store.takeBack(given.room, { member: "m1", seq: 1, place: 1 }, NOW_MS)).toBeNull();
        expect(await store.raise(given.room, 1, raised(1), NOW_MS)).toBeNull();
        expect(await store.glance(given.room, 0, NOW_MS)).toBeNull();
        expect(await store.freeze(given.room)).toBeNull();
        expect(await store.places(given.room, null)).toBeNull();
        expect(await store.journal(given.room, 10)).toEqual([]);
        await store.restore(given.room, remains(), NOW_MS);
        expect(await store.join(given.room, asks, 0, 10)).toEqual([{ kind: "place", seq: 1, isNew: true }]);
      });

      test("is one of another epoch as well", async () => {
        await given.has(2, 2);
        expect(await store.glance({ ...given.room, epoch: 2 }, 0, NOW_MS)).toBeNull();
        await store.restore({ ...given.room, epoch: 2 }, remains(), NOW_MS);
        expect(await store.glance(given.room, 0, NOW_MS)).toBeNull();
        given.room = { ...given.room, epoch: 2 };
        expect(await given.glance()).toMatchObject({ seqHigh: 0, admitted: 0, gaps: [], pace: null, shown: 0 });
        expect(await given.join("m2", "m1")).toEqual([1, 2]);
      });

      test("does not come back from an older epoch", async () => {
        await given.has(3);
        await store.restore({ ...given.room, epoch: 0 }, remains(), NOW_MS);
        expect(await given.glance()).toMatchObject({ seqHigh: 3 });
      });

      test("is one that was forgotten; the forgetting of an older epoch leaves the newer one", async () => {
        await given.has(3);
        await store.forget({ ...given.room, epoch: 0 });
        expect(await given.glance()).toMatchObject({ seqHigh: 3 });
        await store.forget(given.room);
        expect(await store.glance(given.room, 0, NOW_MS)).toBeNull();
      });
    });

    describe("join()", () => {
      test("gives places that rise by one, and the same again to who has one", async () => {
        await given.has(0);
        expect(await given.join("a", "b", "a")).toEqual([1, 2, 1]);
        expect(await given.join("c", "b")).toEqual([3, 2]);
        expect(await store.join(given.room, [{ member: "a", seq: null }], 0, 10)).toEqual([
          { kind: "place", seq: 1, isNew: false },
        ]);
      });

      test("gives each of many who come at once a place of their own, without a gap", async () => {
        await given.has(0);
        const groups = Array.from({ length: 40 }, (_, group) =>
          Array.from({ length: 25 }, (_, at) => `${group}-${at % 20}`),
        );
        const seqs = (await Promise.all(groups.map((group) => given.join(...group)))).flat();
        expect(new Set(seqs)).toEqual(new Set(Array.from({ length: 800 }, (_, at) => at + 1)));
      });

      test("goes on above the highest place that the caller knows", async () => {
        await given.has(3);
        expect(await store.join(given.room, [{ member: "x", seq: null }], 9, 100)).toEqual([
          { kind: "place", seq: 10, isNew: true },
        ]);
        expect(await given.join("y")).toEqual([11]);
      });

      test("gives no place above the ceiling, and goes on when it is raised", async () => {
        await store.restore(given.room, remains(), NOW_MS);
        const asks = ["a", "b", "c"].map((member) => ({ member, seq: null }));
        expect(await store.join(given.room, asks, 0, 2)).toMatchObject([
          { seq: 1 },
          { seq: 2 },
          { kind: "full", seqHigh: 2 },
        ]);
        expect(await store.join(given.room, asks, 0, 2)).toMatchObject([
          { seq: 1 },
          { seq: 2 },
          { kind: "full", seqHigh: 2 },
        ]);
        expect(await store.join(given.room, asks, 0, 5)).toMatchObject([
          { seq: 1 },
          { seq: 2 },
          { seq: 3, isNew: true },
        ]);
      });

      test("gives a ticket that comes back its place, and nobody else gets that place", async () => {
        await given.has(0);
        const back = { member: "a", seq: 7 };
        expect(await store.join(given.room, [back], 0, 100)).toEqual([{ kind: "place", seq: 7, isNew: false }]);
        expect(await given.join("b", "a")).toEqual([8, 7]);
      });

      test("gives nobody a new place for a ticket whose place is over: they begin anew without it", async () => {
        await given.has(3);
        await store.end(given.room, "m2", { seq: 2, expiresAtMs: NOW_MS + 600_000 }, NOW_MS);
        const asks = [
          { member: "m2", seq: 2 },
          { member: "m1", seq: 1 },
          { member: "m2", seq: 1 },
        ];
        const over = { kind: "over" } as const;
        expect(await store.join(given.room, asks, 0, 3)).toEqual([over, { kind: "place", seq: 1, isNew: false }, over]);
        expect(await given.join("m2")).toEqual([4]);
        expect(await store.join(given.room, asks, 0, 100)).toMatchObject([{ seq: 4 }, { seq: 1 }, { seq: 4 }]);
      });

      test("keeps the earlier of two places", async () => {
        await given.has(3);
        expect(await store.join(given.room, [{ member: "m3", seq: 2 }], 0, 100)).toMatchObject([{ seq: 2 }]);
        expect(await store.join(given.room, [{ member: "m1", seq: 3 }], 0, 100)).toMatchObject([{ seq: 1 }]);
      });
    });

    describe("raise()", () => {
      test("raises the threshold, which never falls, and tells what was decided", async () => {
        await given.has(10);
        expect((await given.glance()).pace).toBeNull();
        expect(await given.raise(4, { ratePerMinute: 12.5, activeMax: 7, seatsLeft: 3 })).toBe(true);
        expect(await given.raise(2)).toBe(true);
        expect(await given.glance()).toMatchObject({
          admitted: 4,
          seqHigh: 10,
          pace: { ratePerMinute: 6_000, activeMax: 1_000, seatsLeft: 180 },
        });
      });

      test("lets nobody in who has not come yet", async () => {
        await given.has(3);
        await given.raise(10);
        expect((await given.glance()).admitted).toBe(3);
      });

      test("takes nothing from a pacer that somebody else has followed", async () => {
        await given.has(10);
        expect(await given.raise(2, {}, NOW_MS, 5)).toBe(true);
        expect(await given.raise(9, { activeMax: 9 }, NOW_MS, 4)).toBe(false);
        expect(await given.glance()).toMatchObject({ admitted: 2, pace: { activeMax: 1_000 } });
        expect(await given.raise(3, {}, NOW_MS, 5)).toBe(true);
        expect(await given.raise(4, {}, NOW_MS, 6)).toBe(true);
        expect((await given.glance()).admitted).toBe(4);
      });

      test("keeps the journal, the latest first, and no more than it may", async () => {
        await given.has(1);
        for (let note = 0; note < ROOM_JOURNAL_MAX + 5; note++) await given.raise(1, { note: `note ${note}` });
        expect(await store.journal(given.room, 2)).toEqual([
          `note ${ROOM_JOURNAL_MAX + 4}`,
          `note ${ROOM_JOURNAL_MAX + 3}`,
        ]);
        expect(await store.journal(given.room, 10_000)).toHaveLength(ROOM_JOURNAL_MAX);
      });
    });

    describe("freeze()", () => {
      test("says how many places the line has, once and for all", async () => {
        await given.has(4);
        expect((await given.glance()).frozen).toBeNull();
        expect(await store.freeze(given.room)).toBe(4);
        await given.join("x");
        expect(await store.freeze(given.room)).toBe(4);
        expect(await given.glance()).toMatchObject({ frozen: 4, seqHigh: 5 });
      });
    });

    test("places() gives everybody's, however many pages it takes", async () => {
      await given.has(0);
      const members = Array.from({ length: 5_000 }, (_, at) => `m${at + 1}`);
      await given.join(...members);
      const found = new Map<string, number>();
      for (let cursor: string | null = null, pages = 0; pages < 100; pages++) {
        const page: PlacesPage = present(await store.places(given.room, cursor), "the room is known");
        for (const { member, seq } of page.places) found.set(member, seq);
        cursor = page.next;
        if (cursor === null) break;
      }
      expect(found).toEqual(new Map(members.map((member, at) => [member, at + 1])));
    });

    describe("restore()", () => {
      test("changes nothing of a room that is there", async () => {
        await given.has(5, 2);
        await given.door(1);
        await store.restore(given.room, remains({ seqHigh: 3, seqCeiling: 100, admitted: 1 }), NOW_MS);
        expect(await given.glance()).toMatchObject({ seqHigh: 5, admitted: 2, active: 1, gaps: [] });
      });

      test("goes on twice as far above as anything can have been given out, without a fall of the threshold", async () => {
        await given.has(50, 20);
        await under.lose();
        expect(await store.glance(given.room, 0, NOW_MS)).toBeNull();
        await store.restore(given.room, remains({ seqHigh: 40, seqCeiling: 60, seqKnown: 50, admitted: 20 }), NOW_MS);
        expect(await given.glance()).toMatchObject({
          seqHigh: 80,
          admitted: 20,
          gaps: [{ from: 51, to: 80 }],
          pace: null,
        });
        expect(await given.join("x", "y")).toEqual([81, 82]);
        await given.raise(82);
        // Whoever stood at the door asks again before anybody is let in.
        expect(await given.door(45, NOW_MS + RESTORED_SHUT_MS - 1)).toEqual({ kind: "at-door", ahead: 0 });
        expect(await given.door(7, NOW_MS + RESTORED_SHUT_MS - 1)).toEqual({ kind: "at-door", ahead: 0 });
        expect(passOf(await given.door(45, NOW_MS + RESTORED_SHUT_MS)).seq).toBe(45);
      });

      test("still knows what earlier losses have skipped", async () => {
        const skipped = [
          { from: 11, to: 30 },
          { from: 33, to: 49 },
        ];
        await under.lose();
        await store.restore(given.room, remains({ seqHigh: 50, seqCeiling: 60, gaps: skipped }), NOW_MS);
        expect((await given.glance()).gaps).toEqual([...skipped, { from: 51, to: 70 }]);
        expect(joinedOf(await given.glance())).toBe(13);
        await under.lose();
        // Nobody has written down the last one: it is skipped again.
        await store.restore(given.room, remains({ seqHigh: 50, seqCeiling: 60, gaps: skipped, seqKnown: 52 }), NOW_MS);
        expect((await given.glance()).gaps).toEqual([...skipped, { from: 53, to: 70 }]);
      });

      test("knows every pass that was handed out: neither a second one, nor one too many, nor too fast", async () => {
        await given.has(50);
        await under.lose();
        const limited = rules({ admitPerMinute: 20 });
        const passes = [
          memberPass(1),
          memberPass(2, { endedAtMs: NOW_MS - 10 }),
          memberPass(3, { issuedAtMs: NOW_MS - 700_000, expiresAtMs: NOW_MS - 100_000 }),
          ...Array.from({ length: 15 }, (_, at) => memberPass(at + 4, { issuedAtMs: NOW_MS - 57_000 + at * 3_000 })),
          memberPass(19),
          memberPass(20),
        ];
        await store.restore(given.room, remains({ seqHigh: 50, admitted: 30, rules: limited, passes }), NOW_MS);
        await given.raise(30, { activeMax: 19, rules: limited });
        expect((await given.glance()).active).toBe(18);
        expect(await given.door(1, NOW_MS, limited)).toMatchObject({ kind: "pass", isNew: false });
        expect(await given.door(2, NOW_MS, limited)).toEqual({ kind: "over" });
        expect(await given.door(3, NOW_MS, limited)).toEqual({ kind: "over" });
        expect(await given.join("m2", "m1")).toEqual([51, 1]);
        // Four passes left a second ago, two more than may at once, and one may leave each 3.158 seconds.
        expect(await given.door(21, NOW_MS + 8_473, limited)).toMatchObject({ kind: "at-door" });
        passOf(await given.door(21, NOW_MS + 8_474, limited));
        expect(await given.door(22, NOW_MS + MINUTE_MS, limited)).toMatchObject({ kind: "at-door" });
      });

      test("counts passes that a clock ahead has given out as given out now: the door is not shut until then", async () => {
        const limited = rules({ admitPerMinute: 60 });
        const aheadMs = NOW_MS + 60 * MINUTE_MS;
        const passes = [1, 2].map((seq) =>
          memberPass(seq, { issuedAtMs: aheadMs + seq, expiresAtMs: aheadMs + 10 * MINUTE_MS }),
        );
        await store.restore(given.room, remains({ seqHigh: 9, admitted: 9, rules: limited, passes }), NOW_MS);
        await given.raise(9, { rules: limited });
        expect(await given.door(3, NOW_MS + RESTORED_SHUT_MS - 1, limited)).toEqual({ kind: "at-door", ahead: 0 });
        expect(passOf(await given.door(3, NOW_MS + RESTORED_SHUT_MS, limited)).seq).toBe(3);
        expect(await given.door(1, NOW_MS + RESTORED_SHUT_MS, limited)).toMatchObject({ kind: "pass", isNew: false });
      });

      test("keeps how many places were frozen", async () => {
        await store.restore(given.room, remains({ seqHigh: 50, frozen: 40 }), NOW_MS);
        expect((await given.glance()).frozen).toBe(40);
        expect(await store.freeze(given.room)).toBe(40);
      });

      test("numbers revocations above those that anybody has seen", async () => {
        await given.has(5, 5);
        await store.end(given.room, "m1", passOf(await given.door(1)), NOW_MS);
        const { cursor } = await given.glance();
        await under.lose();
        await store.restore(given.room, remains({ seqHigh: 5, admitted: 5 }), NOW_MS + 1_000);
        await given.raise(5, {}, NOW_MS + 1_000);
        const laterMs = NOW_MS + 1_000 + RESTORED_SHUT_MS;
        await store.end(given.room, "m2", passOf(await given.door(2, laterMs)), laterMs);
        expect((await given.glance(laterMs, cursor)).revoked.map(({ seq }) => seq)).toEqual([2]);
      });
    });

    describe("lease()", () => {
      test("is one holder's until it runs out or is given back, and each holder's fence is higher", async () => {
        const first = present(await store.lease("a", 3_000, NOW_MS), "the lease is free");
        expect(await store.lease("b", 3_000, NOW_MS + 2_999)).toBeNull();
        expect(await store.lease("a", 3_000, NOW_MS + 2_000)).toEqual(first);
        expect(await store.lease("b", 3_000, NOW_MS + 4_999)).toBeNull();
        const second = present(await store.lease("b", 3_000, NOW_MS + 5_000), "the lease has run out");
        expect(second.fence).toBeGreaterThan(first.fence);
        expect(await store.lease("a", 3_000, NOW_MS + 5_001)).toBeNull();
        await store.release("a");
        expect(await store.lease("a", 3_000, NOW_MS + 5_001)).toBeNull();
        await store.release("b");
        const third = present(await store.lease("a", 3_000, NOW_MS + 5_001), "the lease was given back");
        expect(third.fence).toBeGreaterThan(second.fence);
        await store.release("a");
      });

      test("has higher fences after it was lost, too", async () => {
        const before = present(await store.lease("a", 3_000, NOW_MS + 100_000), "the lease is free");
        await under.lose();
        const after = present(await store.lease("b", 3_000, NOW_MS + 200_000), "the lease was lost");
        expect(after.fence).toBeGreaterThan(before.fence);
        await store.release("b");
      });
    });
  });
}

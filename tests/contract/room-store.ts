/** Owns what every room store must keep to: run over each implementation of the port. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import {
  CLAIM_WINDOW_MS,
  type DoorAnswer,
  type DoorRules,
  GRACE_MS,
  type MemberPass,
  type Pass,
  PRESENCE_MS,
  type Raise,
  ROOM_JOURNAL_MAX,
  type RoomId,
  type RoomRemains,
  type RoomStore,
} from "../../queue/room/room-store.ts";

export interface RoomStoreUnderTest {
  readonly store: RoomStore;
  /** Loses everything. */
  lose(): Promise<void>;
  close(): Promise<void>;
}

const NOW_MS = Date.UTC(2030, 0, 1);
const MINUTE_MS = 60_000;

export function roomStoreContract(name: string, open: () => Promise<RoomStoreUnderTest>): void {
  describe(`room store ${name}`, () => {
    let under: RoomStoreUnderTest;
    let store: RoomStore;
    let room: RoomId;
    let rooms = 0;

    beforeAll(async () => {
      under = await open();
      store = under.store;
    });
    afterAll(() => under.close());
    beforeEach(() => {
      rooms += 1;
      room = { flightId: `PG-${rooms}`, epoch: 1 };
    });

    const rules = (given: Partial<DoorRules> = {}): DoorRules => ({
      changedAtMs: NOW_MS,
      isPaused: false,
      admitPerMinute: 6_000,
      passTtlMs: 600_000,
      ...given,
    });
    const remains = (given: Partial<RoomRemains> = {}): RoomRemains => ({
      admitted: 0,
      seqHigh: 0,
      seqCeiling: 0,
      seqKnown: 0,
      frozen: null,
      rules: rules(),
      passes: [],
      ...given,
    });
    const raised = (admitted: number, given: Partial<Raise> = {}): Raise => ({
      admitted,
      ratePerMinute: 6_000,
      activeMax: 1_000,
      seatsLeft: 180,
      rules: rules(),
      note: null,
      ...given,
    });
    /** A room with so many places: the members m1, m2, … */
    const given = async (places: number, admitted = 0, pace: Partial<Raise> = {}): Promise<void> => {
      await store.restore(room, remains(), NOW_MS);
      await join(...Array.from({ length: places }, (_, at) => `m${at + 1}`));
      if (admitted > 0) await raise(admitted, pace);
    };
    const raise = (admitted: number, pace: Partial<Raise> = {}, atMs = NOW_MS, fence = 1) =>
      store.raise(room, fence, raised(admitted, pace), atMs);
    const join = async (...members: readonly string[]): Promise<number[]> => {
      const asks = members.map((member) => ({ member, seq: null }));
      const answers = present(await store.join(room, asks, 0, 1_000_000), "the room is known");
      return answers.map((answer) => (answer.kind === "place" ? answer.seq : 0));
    };
    const glance = async (atMs = NOW_MS, cursor = 0) =>
      present(await store.glance(room, cursor, atMs), "the room is known");
    const door = async (seq: number, atMs = NOW_MS, given: Partial<DoorRules> = {}): Promise<DoorAnswer> =>
      present(await store.door(room, { member: `m${seq}`, seq, place: seq }, rules(given), atMs), "the room is known");
    const passOf = (answer: DoorAnswer): Pass => {
      if (answer.kind !== "pass") throw new Error(`no pass, but ${JSON.stringify(answer)}`);
      return answer.pass;
    };
    const memberPass = (seq: number, given: Partial<MemberPass> = {}): MemberPass => ({
      member: `m${seq}`,
      seq,
      issuedAtMs: NOW_MS - 1_000,
      expiresAtMs: NOW_MS + 599_000,
      endedAtMs: null,
      ...given,
    });

    describe("a room that it doesn't hold", () => {
      test("is unknown to every call, until it is restored", async () => {
        const asks = [{ member: "m1", seq: null }];
        expect(await store.join(room, asks, 0, 10)).toBeNull();
        expect(await store.door(room, { member: "m1", seq: 1, place: 1 }, rules(), NOW_MS)).toBeNull();
        expect(await store.end(room, "m1", { seq: 1, expiresAtMs: NOW_MS }, NOW_MS)).toBeNull();
        expect(await store.raise(room, 1, raised(1), NOW_MS)).toBeNull();
        expect(await store.glance(room, 0, NOW_MS)).toBeNull();
        expect(await store.freeze(room)).toBeNull();
        expect(await store.places(room, null)).toBeNull();
        expect(await store.journal(room, 10)).toEqual([]);
        await store.restore(room, remains(), NOW_MS);
        expect(await store.join(room, asks, 0, 10)).toEqual([{ kind: "place", seq: 1, isNew: true }]);
      });

      test("is one of another epoch as well", async () => {
        await given(2, 2);
        expect(await store.glance({ ...room, epoch: 2 }, 0, NOW_MS)).toBeNull();
        await store.restore({ ...room, epoch: 2 }, remains(), NOW_MS);
        expect(await store.glance(room, 0, NOW_MS)).toBeNull();
        room = { ...room, epoch: 2 };
        expect(await glance()).toMatchObject({ seqHigh: 0, admitted: 0, gaps: [], pace: null, shown: 0 });
        expect(await join("m2", "m1")).toEqual([1, 2]);
      });

      test("does not come back from an older epoch", async () => {
        await given(3);
        await store.restore({ ...room, epoch: 0 }, remains(), NOW_MS);
        expect(await glance()).toMatchObject({ seqHigh: 3 });
      });

      test("is one that was forgotten; the forgetting of an older epoch leaves the newer one", async () => {
        await given(3);
        await store.forget({ ...room, epoch: 0 });
        expect(await glance()).toMatchObject({ seqHigh: 3 });
        await store.forget(room);
        expect(await store.glance(room, 0, NOW_MS)).toBeNull();
      });
    });

    describe("join()", () => {
      test("gives places that rise by one, and the same again to who has one", async () => {
        await given(0);
        expect(await join("a", "b", "a")).toEqual([1, 2, 1]);
        expect(await join("c", "b")).toEqual([3, 2]);
        expect(await store.join(room, [{ member: "a", seq: null }], 0, 10)).toEqual([
          { kind: "place", seq: 1, isNew: false },
        ]);
      });

      test("gives each of many who come at once a place of their own, without a gap", async () => {
        await given(0);
        const groups = Array.from({ length: 40 }, (_, group) =>
          Array.from({ length: 25 }, (_, at) => `${group}-${at % 20}`),
        );
        const seqs = (await Promise.all(groups.map((group) => join(...group)))).flat();
        expect(new Set(seqs)).toEqual(new Set(Array.from({ length: 800 }, (_, at) => at + 1)));
      });

      test("goes on above the highest place that the caller knows", async () => {
        await given(3);
        expect(await store.join(room, [{ member: "x", seq: null }], 9, 100)).toEqual([
          { kind: "place", seq: 10, isNew: true },
        ]);
        expect(await join("y")).toEqual([11]);
      });

      test("gives no place above the ceiling, and goes on when it is raised", async () => {
        await store.restore(room, remains(), NOW_MS);
        const asks = ["a", "b", "c"].map((member) => ({ member, seq: null }));
        expect(await store.join(room, asks, 0, 2)).toMatchObject([{ seq: 1 }, { seq: 2 }, { kind: "full" }]);
        expect(await store.join(room, asks, 0, 2)).toMatchObject([{ seq: 1 }, { seq: 2 }, { kind: "full" }]);
        expect(await store.join(room, asks, 0, 5)).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3, isNew: true }]);
      });

      test("gives a ticket that comes back its place, and nobody else gets that place", async () => {
        await given(0);
        const back = { member: "a", seq: 7 };
        expect(await store.join(room, [back], 0, 100)).toEqual([{ kind: "place", seq: 7, isNew: false }]);
        expect(await join("b", "a")).toEqual([8, 7]);
      });

      test("keeps the earlier of two places", async () => {
        await given(3);
        expect(await store.join(room, [{ member: "m3", seq: 2 }], 0, 100)).toMatchObject([{ seq: 2 }]);
        expect(await store.join(room, [{ member: "m1", seq: 3 }], 0, 100)).toMatchObject([{ seq: 1 }]);
      });
    });

    describe("raise()", () => {
      test("raises the threshold, which never falls, and tells what was decided", async () => {
        await given(10);
        expect((await glance()).pace).toBeNull();
        expect(await raise(4, { ratePerMinute: 12.5, activeMax: 7, seatsLeft: 3 })).toBe(true);
        expect(await raise(2)).toBe(true);
        expect(await glance()).toMatchObject({
          admitted: 4,
          seqHigh: 10,
          pace: { ratePerMinute: 6_000, activeMax: 1_000, seatsLeft: 180 },
        });
      });

      test("lets nobody in who has not come yet", async () => {
        await given(3);
        await raise(10);
        expect((await glance()).admitted).toBe(3);
      });

      test("takes nothing from a pacer that somebody else has followed", async () => {
        await given(10);
        expect(await raise(2, {}, NOW_MS, 5)).toBe(true);
        expect(await raise(9, { activeMax: 9 }, NOW_MS, 4)).toBe(false);
        expect(await glance()).toMatchObject({ admitted: 2, pace: { activeMax: 1_000 } });
        expect(await raise(3, {}, NOW_MS, 5)).toBe(true);
        expect(await raise(4, {}, NOW_MS, 6)).toBe(true);
        expect((await glance()).admitted).toBe(4);
      });

      test("keeps the journal, the latest first, and no more than it may", async () => {
        await given(1);
        for (let note = 0; note < ROOM_JOURNAL_MAX + 5; note++) await raise(1, { note: `note ${note}` });
        expect(await store.journal(room, 2)).toEqual([`note ${ROOM_JOURNAL_MAX + 4}`, `note ${ROOM_JOURNAL_MAX + 3}`]);
        expect(await store.journal(room, 10_000)).toHaveLength(ROOM_JOURNAL_MAX);
      });
    });

    describe("door()", () => {
      test("is shut to places that were not reached", async () => {
        await given(5, 2);
        expect(await door(3)).toEqual({ kind: "waiting", admitted: 2 });
        expect(await glance()).toMatchObject({ active: 0, atDoor: 0, shown: 0 });
      });

      test("gives a place that was reached one pass, and the same again", async () => {
        await given(5, 2);
        const answer = await door(2);
        expect(answer).toEqual({
          kind: "pass",
          isNew: true,
          pass: { seq: 2, issuedAtMs: NOW_MS, expiresAtMs: NOW_MS + 600_000 },
        });
        expect(await door(2, NOW_MS + 5)).toEqual({ kind: "pass", isNew: false, pass: passOf(answer) });
        expect(await glance()).toMatchObject({ active: 1, atDoor: 0, shown: 1 });
      });

      test("gives nobody a pass before a pacer has decided", async () => {
        await store.restore(room, remains({ admitted: 5, seqHigh: 5, seqCeiling: 5 }), NOW_MS);
        expect(await door(1)).toEqual({ kind: "at-door", ahead: 0 });
      });

      test("gives as many as may be valid at once, and the next when one has run out", async () => {
        await given(10, 10, { activeMax: 3 });
        for (const seq of [4, 5, 6]) passOf(await door(seq));
        expect(await door(7)).toEqual({ kind: "at-door", ahead: 0 });
        expect(await door(7, NOW_MS + 599_999)).toEqual({ kind: "at-door", ahead: 0 });
        expect(passOf(await door(7, NOW_MS + 600_000)).seq).toBe(7);
        expect((await glance(NOW_MS + 600_000)).active).toBe(1);
      });

      test("serves those who stand there by their places, whoever asks first", async () => {
        await given(10, 10, { activeMax: 0 });
        for (const seq of [9, 3, 7, 5]) await door(seq);
        expect(await door(7)).toEqual({ kind: "at-door", ahead: 2 });
        await raise(10, { activeMax: 2 });
        // Two may come in: they are kept for 3 and 5, who have not asked again yet.
        expect(await door(9)).toEqual({ kind: "at-door", ahead: 3 });
        expect(await door(7)).toEqual({ kind: "at-door", ahead: 2 });
        expect(passOf(await door(5)).seq).toBe(5);
        expect(await door(7)).toEqual({ kind: "at-door", ahead: 1 });
        expect(passOf(await door(3)).seq).toBe(3);
        expect(await door(7)).toEqual({ kind: "at-door", ahead: 0 });
      });

      test("is not held up by those who went away, and keeps their places", async () => {
        await given(10, 10, { activeMax: 0 });
        await door(1);
        await door(2, NOW_MS + 5_000);
        await raise(10, { activeMax: 1 }, NOW_MS + PRESENCE_MS - 1);
        expect(await door(3, NOW_MS + PRESENCE_MS - 1)).toMatchObject({ ahead: 2 });
        expect(await door(3, NOW_MS + PRESENCE_MS)).toMatchObject({ ahead: 1 });
        expect((await glance(NOW_MS + 5_000 + PRESENCE_MS)).atDoor).toBe(1);
        expect(passOf(await door(3, NOW_MS + 5_000 + PRESENCE_MS)).seq).toBe(3);
        await raise(10, { activeMax: 2 }, NOW_MS + 60_000);
        await door(4, NOW_MS + 60_000);
        expect(passOf(await door(4, NOW_MS + 60_000)).seq).toBe(4);
        await raise(10, { activeMax: 3 }, NOW_MS + 61_000);
        expect(passOf(await door(1, NOW_MS + 61_000)).seq).toBe(1);
        expect((await glance(NOW_MS + 61_000)).shown).toBe(4);
      });

      test("gives no more than so many in any minute, however they come", async () => {
        const perMinute = 100;
        const limited = rules({ admitPerMinute: perMinute, changedAtMs: NOW_MS + 1 });
        await given(2_000, 2_000, { rules: limited, ratePerMinute: perMinute, activeMax: 10_000 });
        const issuedMs: number[] = [];
        let seq = 1;
        for (let atMs = NOW_MS; atMs < NOW_MS + 5 * MINUTE_MS; atMs += atMs % 7_000 === 0 ? 1 : 499) {
          while (seq <= 2_000) {
            const answer = await door(seq, atMs, limited);
            if (answer.kind !== "pass") break;
            issuedMs.push(atMs);
            seq += 1;
          }
        }
        const inWindow = (fromMs: number) => issuedMs.filter((at) => at >= fromMs && at < fromMs + MINUTE_MS).length;
        expect(Math.max(...issuedMs.map(inWindow))).toBe(perMinute);
        expect(issuedMs.length).toBeGreaterThan(5 * perMinute * 0.9);
      });

      test("gives one a minute where no more are allowed", async () => {
        const limited = rules({ admitPerMinute: 1, changedAtMs: NOW_MS + 1 });
        await given(5, 5, { rules: limited });
        passOf(await door(1, NOW_MS, limited));
        expect(await door(2, NOW_MS + MINUTE_MS - 1, limited)).toMatchObject({ kind: "at-door" });
        passOf(await door(2, NOW_MS + MINUTE_MS, limited));
        expect(await door(3, NOW_MS + MINUTE_MS + 1, limited)).toMatchObject({ kind: "at-door" });
      });

      test("follows the pace when it is slower, and never more than the rules whatever the pace", async () => {
        const limited = rules({ admitPerMinute: 60, changedAtMs: NOW_MS + 1 });
        await given(200, 200, { rules: limited, ratePerMinute: 6 });
        let passes = 0;
        const ask = async (atMs: number) => {
          if ((await door(passes + 1, atMs, limited)).kind === "pass") passes += 1;
        };
        for (let second = 0; second < 60; second++) await ask(NOW_MS + second * 1_000);
        expect(passes).toBeWithin(6, 8);
        await raise(200, { ratePerMinute: 100_000, rules: limited }, NOW_MS + MINUTE_MS);
        for (let at = 0; at < 400; at++) await ask(NOW_MS + MINUTE_MS + at * 150);
        expect(passes).toBeWithin(50, 67);
      });

      test("is shut while the room is paused: who stands there keeps their place", async () => {
        await given(5, 5);
        const paused = { isPaused: true, changedAtMs: NOW_MS + 1 };
        expect(await door(2, NOW_MS, paused)).toEqual({ kind: "at-door", ahead: 0 });
        // An edge that has not heard of it yet opens it for nobody.
        expect(await door(1)).toEqual({ kind: "at-door", ahead: 0 });
        expect(passOf(await door(1, NOW_MS, { changedAtMs: NOW_MS + 2 })).seq).toBe(1);
      });

      test("keeps a place for the time in which it is claimed and the grace, and not longer", async () => {
        await given(5, 3);
        await raise(4, {}, NOW_MS + 1_000);
        const keptMs = CLAIM_WINDOW_MS + GRACE_MS;
        passOf(await door(1, NOW_MS + keptMs));
        expect(await door(2, NOW_MS + keptMs + 1)).toEqual({ kind: "over" });
        passOf(await door(4, NOW_MS + 1_000 + keptMs));
        await raise(5, {}, NOW_MS + 1_000 + keptMs);
        expect(await door(3, NOW_MS + 1_000 + keptMs)).toEqual({ kind: "over" });
        passOf(await door(5, NOW_MS + 1_000 + keptMs));
      });

      test("lets nobody's place run out who stands there", async () => {
        await given(5, 5, { activeMax: 0 });
        for (let atMs = NOW_MS; atMs < NOW_MS + CLAIM_WINDOW_MS + GRACE_MS + MINUTE_MS; atMs += PRESENCE_MS - 1) {
          expect(await door(2, atMs)).toEqual({ kind: "at-door", ahead: 0 });
        }
      });

      test("says that a place is over, and its member begins anew at the end", async () => {
        await given(5, 5);
        await door(2);
        expect(await store.end(room, "m2", { seq: 2, expiresAtMs: NOW_MS + 600_000 }, NOW_MS)).toBe(true);
        expect(await door(2)).toEqual({ kind: "over" });
        expect(await join("m2")).toEqual([6]);
        expect(await store.join(room, [{ member: "m2", seq: 2 }], 0, 100)).toMatchObject([{ seq: 6 }]);
        expect(await door(2)).toEqual({ kind: "over" });
      });

      test("ends a place with its pass when that has run out", async () => {
        await given(5, 5);
        await door(2);
        expect(await door(2, NOW_MS + 600_000)).toEqual({ kind: "over" });
        expect(await join("m2")).toEqual([6]);
      });

      test("takes back a ticket that the store has lost, and the earlier one of two", async () => {
        await given(3);
        await store.join(room, [{ member: "x", seq: null }], 50, 1_000);
        await raise(60);
        const ask = (member: string, seq: number) => store.door(room, { member, seq, place: seq }, rules(), NOW_MS);
        expect(await ask("y", 20)).toMatchObject({ kind: "pass", pass: { seq: 20 } });
        expect(await join("y", "z")).toEqual([20, 52]);
        expect(await ask("x", 30)).toMatchObject({ kind: "pass", pass: { seq: 30 } });
        expect(await ask("m1", 40)).toEqual({ kind: "other", seq: 1 });
      });

      test("never lets time run backwards", async () => {
        await given(5, 5, { activeMax: 1 });
        passOf(await door(1, NOW_MS + 600_000 - 1));
        expect(await door(2, NOW_MS)).toMatchObject({ kind: "at-door" });
        passOf(await door(2, NOW_MS + 1_200_000));
        expect(passOf(await door(2, NOW_MS)).issuedAtMs).toBe(NOW_MS + 1_200_000);
      });
    });

    describe("end()", () => {
      test("frees a pass's place among those that are valid, and tells everybody who asks", async () => {
        await given(5, 5, { activeMax: 1 });
        const pass = passOf(await door(1));
        expect(await door(2)).toMatchObject({ kind: "at-door" });
        const { cursor } = await glance();
        expect(await store.end(room, "m1", pass, NOW_MS)).toBe(true);
        passOf(await door(2));
        const after = await glance(NOW_MS, cursor);
        expect(after.revoked).toEqual([{ seq: 1, expiresAtMs: pass.expiresAtMs }]);
        expect((await glance(NOW_MS, after.cursor)).revoked).toEqual([]);
        expect((await glance()).revoked).toHaveLength(1);
      });

      test("is harmless again, and ends no other pass", async () => {
        await given(5, 5);
        const pass = passOf(await door(1));
        await store.end(room, "m1", pass, NOW_MS);
        expect(await store.end(room, "m1", pass, NOW_MS)).toBe(false);
        const [again = 0] = await join("m1");
        await raise(10);
        const answer = await store.door(room, { member: "m1", seq: again, place: again }, rules(), NOW_MS);
        expect(answer).toMatchObject({ kind: "pass", isNew: true, pass: { seq: 6 } });
        expect(await store.end(room, "m1", pass, NOW_MS)).toBe(false);
        expect((await glance()).active).toBe(1);
      });

      test("forgets revoked passes once they have run out", async () => {
        await given(5, 5);
        for (const [seq, atMs] of [
          [1, NOW_MS],
          [2, NOW_MS + 600_001],
        ] as const) {
          const pass = passOf(await door(seq, atMs));
          await store.end(room, `m${seq}`, pass, atMs);
        }
        expect((await glance(NOW_MS + 600_001)).revoked.map(({ seq }) => seq)).toEqual([2]);
      });
    });

    describe("freeze()", () => {
      test("says how many places the line has, once and for all", async () => {
        await given(4);
        expect((await glance()).frozen).toBeNull();
        expect(await store.freeze(room)).toBe(4);
        await join("x");
        expect(await store.freeze(room)).toBe(4);
        expect(await glance()).toMatchObject({ frozen: 4, seqHigh: 5 });
      });
    });

    test("places() gives everybody's, however many pages it takes", async () => {
      await given(0);
      const members = Array.from({ length: 5_000 }, (_, at) => `m${at + 1}`);
      await join(...members);
      const found = new Map<string, number>();
      for (let cursor: string | null = null, pages = 0; pages < 100; pages++) {
        const page = present(await store.places(room, cursor), "the room is known");
        for (const { member, seq } of page.places) found.set(member, seq);
        cursor = page.next;
        if (cursor === null) break;
      }
      expect(found).toEqual(new Map(members.map((member, at) => [member, at + 1])));
    });

    describe("restore()", () => {
      test("changes nothing of a room that is there", async () => {
        await given(5, 2);
        await door(1);
        await store.restore(room, remains({ seqHigh: 3, seqCeiling: 100, admitted: 1 }), NOW_MS);
        expect(await glance()).toMatchObject({ seqHigh: 5, admitted: 2, active: 1, gaps: [] });
      });

      test("goes on twice as far above as anything can have been given out, without a fall of the threshold", async () => {
        await given(50, 20);
        await under.lose();
        expect(await store.glance(room, 0, NOW_MS)).toBeNull();
        await store.restore(room, remains({ seqHigh: 40, seqCeiling: 60, seqKnown: 50, admitted: 20 }), NOW_MS);
        expect(await glance()).toMatchObject({ seqHigh: 80, admitted: 20, gaps: [{ from: 51, to: 80 }], pace: null });
        expect(await join("x", "y")).toEqual([81, 82]);
        await raise(82);
        expect(await store.door(room, { member: "m45", seq: 45, place: 45 }, rules(), NOW_MS)).toMatchObject({
          kind: "pass",
          pass: { seq: 45 },
        });
      });

      test("knows every pass that was handed out: neither a second one, nor one too many, nor too fast", async () => {
        await given(50);
        await under.lose();
        const limited = rules({ admitPerMinute: 20 });
        const passes = [
          memberPass(1),
          memberPass(2, { endedAtMs: NOW_MS - 10 }),
          memberPass(3, { issuedAtMs: NOW_MS - 700_000, expiresAtMs: NOW_MS - 100_000 }),
          ...Array.from({ length: 17 }, (_, at) => memberPass(at + 4, { issuedAtMs: NOW_MS - 57_000 + at * 3_000 })),
        ];
        await store.restore(room, remains({ seqHigh: 50, admitted: 30, rules: limited, passes }), NOW_MS);
        await raise(30, { activeMax: 19, rules: limited });
        expect((await glance()).active).toBe(18);
        expect(await door(1, NOW_MS, limited)).toMatchObject({ kind: "pass", isNew: false });
        expect(await door(2, NOW_MS, limited)).toEqual({ kind: "over" });
        expect(await door(3, NOW_MS, limited)).toEqual({ kind: "over" });
        expect(await join("m2", "m1")).toEqual([51, 1]);
        // Two passes left a second ago, and one may leave each three seconds.
        expect(await door(21, NOW_MS + 4_999, limited)).toMatchObject({ kind: "at-door" });
        passOf(await door(21, NOW_MS + 5_000, limited));
        expect(await door(22, NOW_MS + MINUTE_MS, limited)).toMatchObject({ kind: "at-door" });
      });

      test("keeps how many places were frozen", async () => {
        await store.restore(room, remains({ seqHigh: 50, frozen: 40 }), NOW_MS);
        expect((await glance()).frozen).toBe(40);
        expect(await store.freeze(room)).toBe(40);
      });

      test("numbers revocations above those that anybody has seen", async () => {
        await given(5, 5);
        await store.end(room, "m1", passOf(await door(1)), NOW_MS);
        const { cursor } = await glance();
        await under.lose();
        await store.restore(room, remains({ seqHigh: 5, admitted: 5 }), NOW_MS + 1_000);
        await raise(5, {}, NOW_MS + 1_000);
        await store.end(room, "m2", passOf(await door(2, NOW_MS + 1_000)), NOW_MS + 1_000);
        expect((await glance(NOW_MS + 1_000, cursor)).revoked.map(({ seq }) => seq)).toEqual([2]);
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

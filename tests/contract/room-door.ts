/** Owns what every room store's door must keep to: run over each implementation of the port. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { CLAIM_WINDOW_MS, GRACE_MS, PRESENCE_MS, type RoomStore } from "../../queue/room/room-store.ts";
import { GivenRoom, NOW_MS, passOf, type RoomStoreUnderTest, remains, rules } from "./room-store-given.ts";

const MINUTE_MS = 60_000;

function mostInAMinute(issuedMs: readonly number[]): number {
  return Math.max(...issuedMs.map((from) => issuedMs.filter((at) => at >= from && at < from + MINUTE_MS).length));
}

export function roomDoorContract(name: string, open: () => Promise<RoomStoreUnderTest>): void {
  describe(`door of a room store ${name}`, () => {
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

    describe("door()", () => {
      test("is shut to places that were not reached", async () => {
        await given.has(5, 2);
        expect(await given.door(3)).toEqual({ kind: "waiting", admitted: 2 });
        expect(await given.glance()).toMatchObject({ active: 0, atDoor: 0, shown: 0 });
      });

      test("gives a place that was reached one pass, and the same again", async () => {
        await given.has(5, 2);
        const answer = await given.door(2);
        expect(answer).toEqual({
          kind: "pass",
          isNew: true,
          pass: { seq: 2, issuedAtMs: NOW_MS, expiresAtMs: NOW_MS + 600_000 },
        });
        expect(await given.door(2, NOW_MS + 5)).toEqual({ kind: "pass", isNew: false, pass: passOf(answer) });
        expect(await given.glance()).toMatchObject({ active: 1, atDoor: 0, shown: 1 });
      });

      test("gives nobody a pass before a pacer has decided", async () => {
        await store.restore(given.room, remains({ admitted: 5, seqHigh: 5, seqCeiling: 5 }), NOW_MS);
        expect(await given.door(1)).toEqual({ kind: "at-door", ahead: 0 });
      });

      test("gives as many as may be valid at once, and the next when one has run out", async () => {
        await given.has(10, 10, { activeMax: 3 });
        for (const seq of [4, 5, 6]) passOf(await given.door(seq));
        expect(await given.door(7)).toEqual({ kind: "at-door", ahead: 0 });
        expect(await given.door(7, NOW_MS + 599_999)).toEqual({ kind: "at-door", ahead: 0 });
        expect(passOf(await given.door(7, NOW_MS + 600_000)).seq).toBe(7);
        expect((await given.glance(NOW_MS + 600_000)).active).toBe(1);
      });

      test("keeps to fewer at once from the moment on in which an operator wants them, before the pacer knows", async () => {
        await given.has(10, 10, { activeMax: 5 });
        for (const seq of [1, 2]) passOf(await given.door(seq));
        const fewer = { maxActive: 2, changedAtMs: NOW_MS + 1 };
        expect(await given.door(3, NOW_MS + 1, fewer)).toEqual({ kind: "at-door", ahead: 0 });
        const more = { maxActive: 3, changedAtMs: NOW_MS + 2 };
        passOf(await given.door(3, NOW_MS + 2, more));
        // No more than the pacer decided, either.
        const most = { maxActive: 100, changedAtMs: NOW_MS + 3 };
        for (const seq of [4, 5]) passOf(await given.door(seq, NOW_MS + 3, most));
        expect(await given.door(6, NOW_MS + 3, most)).toEqual({ kind: "at-door", ahead: 0 });
      });

      test("serves those who stand there by their places, whoever asks first", async () => {
        await given.has(10, 10, { activeMax: 0 });
        for (const seq of [9, 3, 7, 5]) await given.door(seq);
        expect(await given.door(7)).toEqual({ kind: "at-door", ahead: 2 });
        await given.raise(10, { activeMax: 2 });
        // Two may come in: they are kept for 3 and 5, who have not asked again yet.
        expect(await given.door(9)).toEqual({ kind: "at-door", ahead: 3 });
        expect(await given.door(7)).toEqual({ kind: "at-door", ahead: 2 });
        expect(passOf(await given.door(5)).seq).toBe(5);
        expect(await given.door(7)).toEqual({ kind: "at-door", ahead: 1 });
        expect(passOf(await given.door(3)).seq).toBe(3);
        expect(await given.door(7)).toEqual({ kind: "at-door", ahead: 0 });
      });

      test("serves nobody out of turn for whom, and for those who stand before them, there is no seat for sure", async () => {
        await given.has(10, 10, { activeMax: 0, seatsLeft: 4 });
        for (const seq of [1, 2, 3, 4, 5]) await given.door(seq);
        await given.raise(10, { activeMax: 10, seatsLeft: 4 });
        expect(await given.door(5)).toEqual({ kind: "at-door", ahead: 4 });
        expect(passOf(await given.door(4)).seq).toBe(4);
        // One is inside, and two stand before the third: four seats are just enough, five people are too many.
        expect(await given.door(5)).toEqual({ kind: "at-door", ahead: 3 });
        expect(passOf(await given.door(3)).seq).toBe(3);
        await given.raise(10, { activeMax: 10, seatsLeft: 1 });
        expect(await given.door(5)).toEqual({ kind: "at-door", ahead: 2 });
        expect(passOf(await given.door(1)).seq).toBe(1);
        expect(passOf(await given.door(2)).seq).toBe(2);
        // Whoever is first need not wait for those inside.
        expect(passOf(await given.door(5)).seq).toBe(5);
        await given.raise(10, { activeMax: 10, seatsLeft: null });
        for (const seq of [6, 7]) await given.door(seq);
      });

      test("is not held up by those who went away, and keeps their places", async () => {
        await given.has(10, 10, { activeMax: 0 });
        await given.door(1);
        await given.door(2, NOW_MS + 5_000);
        await given.raise(10, { activeMax: 1 }, NOW_MS + PRESENCE_MS - 1);
        expect(await given.door(3, NOW_MS + PRESENCE_MS - 1)).toMatchObject({ ahead: 2 });
        expect(await given.door(3, NOW_MS + PRESENCE_MS)).toMatchObject({ ahead: 1 });
        expect((await given.glance(NOW_MS + 5_000 + PRESENCE_MS)).atDoor).toBe(1);
        expect(passOf(await given.door(3, NOW_MS + 5_000 + PRESENCE_MS)).seq).toBe(3);
        await given.raise(10, { activeMax: 2 }, NOW_MS + 60_000);
        await given.door(4, NOW_MS + 60_000);
        expect(passOf(await given.door(4, NOW_MS + 60_000)).seq).toBe(4);
        await given.raise(10, { activeMax: 3 }, NOW_MS + 61_000);
        expect(passOf(await given.door(1, NOW_MS + 61_000)).seq).toBe(1);
        expect((await given.glance(NOW_MS + 61_000)).shown).toBe(4);
      });

      test("gives no more than so many in any minute, however they come", async () => {
        for (const perMinute of [2, 3, 7, 29, 30, 39, 59, 100]) {
          given = new GivenRoom(store);
          const limited = rules({ admitPerMinute: perMinute, changedAtMs: NOW_MS + 1 });
          await given.has(700, 700, { rules: limited, ratePerMinute: perMinute, activeMax: 10_000 });
          const issuedMs: number[] = [];
          for (let atMs = NOW_MS; atMs < NOW_MS + 5 * MINUTE_MS; atMs += atMs % 7_000 === 0 ? 1 : 499) {
            while ((await given.door(issuedMs.length + 1, atMs, limited)).kind === "pass") issuedMs.push(atMs);
          }
          expect(mostInAMinute(issuedMs)).toBe(perMinute);
          expect(issuedMs.length).toBeGreaterThan(5 * Math.min(0.9 * perMinute, perMinute - 1.1));
        }
      });

      test("gives about as many as it may to a line of people who ask no sooner than they are told", async () => {
        for (const perMinute of [3, 6, 7, 12, 20, 30, 39, 50, 60]) {
          given = new GivenRoom(store);
          const limited = rules({ admitPerMinute: perMinute, changedAtMs: NOW_MS + 1 });
          await given.has(400, 400, { rules: limited, ratePerMinute: perMinute, activeMax: 10_000 });
          const issuedMs: number[] = [];
          // Fifteen stand there, each with a pace of their own between two and three seconds.
          const askMs = new Map(Array.from({ length: 15 }, (_, at) => [at + 1, NOW_MS + at * 157]));
          for (let atMs = NOW_MS; atMs < NOW_MS + 3 * MINUTE_MS; atMs += 40) {
            for (const [seq, dueMs] of askMs) {
              if (dueMs > atMs) continue;
              askMs.set(seq, atMs + 2_250 + ((seq * 137) % 750));
              if ((await given.door(seq, atMs, limited)).kind !== "pass") continue;
              issuedMs.push(atMs);
              askMs.delete(seq);
              askMs.set(Math.max(...askMs.keys()) + 1, atMs + 700);
            }
          }
          expect(mostInAMinute(issuedMs)).toBeLessThanOrEqual(perMinute);
          expect(issuedMs.length).toBeGreaterThan(3 * 0.85 * perMinute);
        }
      }, 20_000);

      test("gives one a minute where no more are allowed", async () => {
        const limited = rules({ admitPerMinute: 1, changedAtMs: NOW_MS + 1 });
        await given.has(5, 5, { rules: limited });
        passOf(await given.door(1, NOW_MS, limited));
        expect(await given.door(2, NOW_MS + MINUTE_MS - 1, limited)).toMatchObject({ kind: "at-door" });
        passOf(await given.door(2, NOW_MS + MINUTE_MS, limited));
        expect(await given.door(3, NOW_MS + MINUTE_MS + 1, limited)).toMatchObject({ kind: "at-door" });
      });

      test("keeps a pass for each who stands before the one that gets one, at whatever pace", async () => {
        for (const ratePerMinute of [23, 46, 50, 57.5, 69, 92, 115, 119.99, 120]) {
          given = new GivenRoom(store);
          const limited = { admitPerMinute: 120, changedAtMs: NOW_MS + 1 };
          await given.has(40, 40, { rules: rules(limited), ratePerMinute, activeMax: 0 });
          for (let seq = 40; seq > 0; seq--) await given.door(seq, NOW_MS, limited);
          await given.raise(40, { rules: rules(limited), ratePerMinute, activeMax: 1_000 });
          const passes: number[] = [];
          // Those behind ask first: as many come in as asked last.
          for (let seq = 40; seq > 0; seq--)
            if ((await given.door(seq, NOW_MS + 17, limited)).kind === "pass") passes.push(seq);
          expect(passes).toEqual(Array.from({ length: passes.length }, (_, at) => passes.length - at));
          expect(passes.length).toBeWithin(1, 7);
        }
      });

      test("gives whoever stood before somebody with a pass their own, whatever the pacer decides meanwhile", async () => {
        const limited = rules({ admitPerMinute: 400, changedAtMs: NOW_MS + 1 });
        const pace = { rules: limited, ratePerMinute: 400, activeMax: 10 };
        const since: Partial<typeof pace & { seatsLeft: number }>[] = [
          { ratePerMinute: 1 },
          { activeMax: 1 },
          { seatsLeft: 1 },
        ];
        for (const decided of since) {
          given = new GivenRoom(store);
          await given.has(20, 20, { ...pace, activeMax: 0, seatsLeft: 100 });
          for (const seq of [9, 8, 6, 5]) await given.door(seq, NOW_MS, limited);
          await given.raise(20, { ...pace, seatsLeft: 100 });
          expect(passOf(await given.door(8, NOW_MS, limited)).seq).toBe(8);
          await given.raise(20, { ...pace, seatsLeft: 100, ...decided });
          // Who comes now takes nothing of what is kept, from before or from behind, and whoever was behind must wait.
          for (const seq of [9, 10]) expect(await given.door(seq, NOW_MS, limited)).toMatchObject({ kind: "at-door" });
          expect(passOf(await given.door(6, NOW_MS, limited)).seq).toBe(6);
          expect(passOf(await given.door(5, NOW_MS, limited)).seq).toBe(5);
          expect(await given.door(10, NOW_MS, limited)).toMatchObject({ kind: "at-door" });
        }
      });

      test("leaves what is kept for somebody to nobody who comes before them later", async () => {
        const most = rules({ maxActive: 3, changedAtMs: NOW_MS + 1 });
        await given.has(20, 20, { rules: most, activeMax: 0 });
        for (const seq of [9, 8, 7]) await given.door(seq, NOW_MS, most);
        await given.raise(20, { rules: most, activeMax: 3 });
        passOf(await given.door(9, NOW_MS, most));
        expect(await given.door(2, NOW_MS, most)).toEqual({ kind: "at-door", ahead: 0 });
        for (const seq of [8, 7]) expect(passOf(await given.door(seq, NOW_MS, most)).seq).toBe(seq);
      });

      test("keeps nothing for those who went away", async () => {
        const most = rules({ maxActive: 2, changedAtMs: NOW_MS + 1 });
        await given.has(20, 20, { rules: most, activeMax: 0 });
        for (const seq of [7, 8]) await given.door(seq, NOW_MS, most);
        await given.raise(20, { rules: most, activeMax: 2 });
        passOf(await given.door(8, NOW_MS, most));
        expect(await given.door(2, NOW_MS, most)).toMatchObject({ kind: "at-door" });
        expect(passOf(await given.door(2, NOW_MS + PRESENCE_MS, most)).seq).toBe(2);
        expect(await given.door(7, NOW_MS + PRESENCE_MS, most)).toEqual({ kind: "at-door", ahead: 0 });
      });

      test("follows the pace when it is slower, and never more than the rules whatever the pace", async () => {
        const limited = rules({ admitPerMinute: 60, changedAtMs: NOW_MS + 1 });
        await given.has(200, 200, { rules: limited, ratePerMinute: 6 });
        let passes = 0;
        const ask = async (atMs: number) => {
          if ((await given.door(passes + 1, atMs, limited)).kind === "pass") passes += 1;
        };
        for (let second = 0; second < 60; second++) await ask(NOW_MS + second * 1_000);
        expect(passes).toBeWithin(6, 8);
        await given.raise(200, { ratePerMinute: 100_000, rules: limited }, NOW_MS + MINUTE_MS);
        for (let at = 0; at < 400; at++) await ask(NOW_MS + MINUTE_MS + at * 150);
        expect(passes).toBeWithin(50, 67);
      });

      test("is shut while the room is paused: who stands there keeps their place", async () => {
        await given.has(5, 5);
        const paused = { isPaused: true, changedAtMs: NOW_MS + 1 };
        expect(await given.door(2, NOW_MS, paused)).toEqual({ kind: "at-door", ahead: 0 });
        // An edge that has not heard of it yet opens it for nobody.
        expect(await given.door(1)).toEqual({ kind: "at-door", ahead: 0 });
        expect(passOf(await given.door(1, NOW_MS, { changedAtMs: NOW_MS + 2 })).seq).toBe(1);
      });

      test("keeps a place for the time in which it is claimed and the grace, and not longer", async () => {
        await given.has(5, 3);
        await given.raise(4, {}, NOW_MS + 1_000);
        const keptMs = CLAIM_WINDOW_MS + GRACE_MS;
        passOf(await given.door(1, NOW_MS + keptMs));
        expect(await given.door(2, NOW_MS + keptMs + 1)).toEqual({ kind: "over" });
        passOf(await given.door(4, NOW_MS + 1_000 + keptMs));
        await given.raise(5, {}, NOW_MS + 1_000 + keptMs);
        expect(await given.door(3, NOW_MS + 1_000 + keptMs)).toEqual({ kind: "over" });
        passOf(await given.door(5, NOW_MS + 1_000 + keptMs));
      });

      test("counts a new place from when it is reached, however long ago its member left with an earlier one", async () => {
        await given.has(5, 5, { activeMax: 0 });
        await given.door(2);
        const laterMs = NOW_MS + 2 * GRACE_MS + PRESENCE_MS;
        await given.door(1, laterMs);
        await store.end(given.room, "m2", { seq: 2, expiresAtMs: laterMs }, laterMs);
        expect(await given.join("m2")).toEqual([6]);
        await given.raise(6, {}, laterMs);
        const ask = { member: "m2", seq: 6, place: 6 };
        expect(await store.door(given.room, ask, rules(), laterMs)).toMatchObject({ kind: "pass", pass: { seq: 6 } });
      });

      test("lets nobody's place run out who stands there", async () => {
        await given.has(5, 5, { activeMax: 0 });
        for (let atMs = NOW_MS; atMs < NOW_MS + CLAIM_WINDOW_MS + GRACE_MS + MINUTE_MS; atMs += PRESENCE_MS - 1) {
          expect(await given.door(2, atMs)).toEqual({ kind: "at-door", ahead: 0 });
        }
      });

      test("says that a place is over, and its member begins anew at the end", async () => {
        await given.has(5, 5);
        await given.door(2);
        expect(await store.end(given.room, "m2", { seq: 2, expiresAtMs: NOW_MS + 600_000 }, NOW_MS)).toBe(true);
        expect(await given.door(2)).toEqual({ kind: "over" });
        expect(await given.join("m2")).toEqual([6]);
        expect(await store.join(given.room, [{ member: "m2", seq: 2 }], 0, 100)).toMatchObject([{ seq: 6 }]);
        expect(await given.door(2)).toEqual({ kind: "over" });
      });

      test("ends a place with its pass when that has run out", async () => {
        await given.has(5, 5);
        await given.door(2);
        expect(await given.door(2, NOW_MS + 600_000)).toEqual({ kind: "over" });
        expect(await given.join("m2")).toEqual([6]);
      });

      test("takes back a ticket that the store has lost, and the earlier one of two", async () => {
        await given.has(3);
        await store.join(given.room, [{ member: "x", seq: null }], 50, 1_000);
        await given.raise(60);
        const ask = (member: string, seq: number) =>
          store.door(given.room, { member, seq, place: seq }, rules(), NOW_MS);
        expect(await ask("y", 20)).toMatchObject({ kind: "pass", pass: { seq: 20 } });
        expect(await given.join("y", "z")).toEqual([20, 52]);
        expect(await ask("x", 30)).toMatchObject({ kind: "pass", pass: { seq: 30 } });
        expect(await ask("m1", 40)).toEqual({ kind: "other", seq: 1 });
      });

      test("has whoever stands there with a later place move to the earlier one when its ticket comes back", async () => {
        await given.has(9, 9, { activeMax: 0 });
        for (const seq of [5, 8, 6, 3]) await given.door(seq);
        const ask = { member: "m8", seq: 2, place: 2 };
        expect(await store.door(given.room, ask, rules(), NOW_MS)).toEqual({ kind: "at-door", ahead: 0 });
        expect(await given.door(3)).toEqual({ kind: "at-door", ahead: 1 });
        expect(await given.door(6)).toEqual({ kind: "at-door", ahead: 3 });
        expect(await given.glance()).toMatchObject({ atDoor: 4, shown: 4 });
        // Its later ticket leads to the earlier place, and the one pass is that one's.
        expect(await given.door(8)).toEqual({ kind: "other", seq: 2 });
        await given.raise(9, { activeMax: 1 });
        expect(await given.door(3)).toEqual({ kind: "at-door", ahead: 1 });
        expect(await store.door(given.room, ask, rules(), NOW_MS)).toMatchObject({ kind: "pass", pass: { seq: 2 } });
        expect(await given.door(3)).toEqual({ kind: "at-door", ahead: 0 });
      });

      test("keeps a pass for whoever moves to an earlier place, as for the later one", async () => {
        await given.has(9, 9, { activeMax: 0 });
        for (const seq of [6, 7, 8]) await given.door(seq);
        await given.raise(9, { activeMax: 3 });
        passOf(await given.door(8));
        await given.raise(9, { activeMax: 1 });
        const ask = { member: "m7", seq: 2, place: 2 };
        expect(await store.door(given.room, ask, rules(), NOW_MS)).toMatchObject({ kind: "pass", pass: { seq: 2 } });
        expect(passOf(await given.door(6)).seq).toBe(6);
      });

      test("never lets time run backwards", async () => {
        await given.has(5, 5, { activeMax: 1 });
        passOf(await given.door(1, NOW_MS + 600_000 - 1));
        expect(await given.door(2, NOW_MS)).toMatchObject({ kind: "at-door" });
        passOf(await given.door(2, NOW_MS + 1_200_000));
        expect(passOf(await given.door(2, NOW_MS)).issuedAtMs).toBe(NOW_MS + 1_200_000);
      });
    });

    describe("takeBack()", () => {
      test("has whoever was given a pass that was handed to nobody stand at the door again, where they stood", async () => {
        await given.has(5, 5, { activeMax: 1 });
        const pass = passOf(await given.door(2));
        for (const seq of [3, 1]) expect((await given.door(seq)).kind).toBe("at-door");
        expect(await store.takeBack(given.room, { member: "m2", seq: 2, place: 2 }, NOW_MS)).toBe(true);
        expect(await store.takeBack(given.room, { member: "m2", seq: 2, place: 2 }, NOW_MS)).toBe(false);
        expect(await given.glance()).toMatchObject({ active: 0, atDoor: 3, shown: 3, revoked: [] });
        expect(await given.door(3)).toEqual({ kind: "at-door", ahead: 2 });
        expect(passOf(await given.door(1)).seq).toBe(1);
        await given.raise(5, { activeMax: 2 });
        // It counts from now, and not from when it was given first.
        expect(passOf(await given.door(2, NOW_MS + 5_000)).expiresAtMs).toBe(pass.expiresAtMs + 5_000);
        expect(await given.door(2, NOW_MS + 600_000)).toMatchObject({ kind: "pass", isNew: false });
        expect(await given.door(2, NOW_MS + 605_000)).toEqual({ kind: "over" });
      });

      test("leaves another pass of the member, and who has none", async () => {
        await given.has(5, 3);
        passOf(await given.door(2));
        expect(await store.takeBack(given.room, { member: "m2", seq: 1, place: 1 }, NOW_MS)).toBe(false);
        expect(await store.takeBack(given.room, { member: "m4", seq: 4, place: 4 }, NOW_MS)).toBe(false);
        expect(await given.glance()).toMatchObject({ active: 1, atDoor: 0 });
      });
    });

    describe("end()", () => {
      test("frees a pass's place among those that are valid, and tells everybody who asks", async () => {
        await given.has(5, 5, { activeMax: 1 });
        const pass = passOf(await given.door(1));
        expect(await given.door(2)).toMatchObject({ kind: "at-door" });
        const { cursor } = await given.glance();
        expect(await store.end(given.room, "m1", pass, NOW_MS)).toBe(true);
        passOf(await given.door(2));
        const after = await given.glance(NOW_MS, cursor);
        expect(after.revoked).toEqual([{ seq: 1, expiresAtMs: pass.expiresAtMs }]);
        expect((await given.glance(NOW_MS, after.cursor)).revoked).toEqual([]);
        expect((await given.glance()).revoked).toHaveLength(1);
      });

      test("is harmless again, and ends no other pass", async () => {
        await given.has(5, 5);
        const pass = passOf(await given.door(1));
        await store.end(given.room, "m1", pass, NOW_MS);
        expect(await store.end(given.room, "m1", pass, NOW_MS)).toBe(false);
        const [again = 0] = await given.join("m1");
        await given.raise(10);
        const answer = await store.door(given.room, { member: "m1", seq: again, place: again }, rules(), NOW_MS);
        expect(answer).toMatchObject({ kind: "pass", isNew: true, pass: { seq: 6 } });
        expect(await store.end(given.room, "m1", pass, NOW_MS)).toBe(false);
        expect((await given.glance()).active).toBe(1);
      });

      test("forgets revoked passes once they have run out", async () => {
        await given.has(5, 5);
        for (const [seq, atMs] of [
          [1, NOW_MS],
          [2, NOW_MS + 600_001],
        ] as const) {
          const pass = passOf(await given.door(seq, atMs));
          await store.end(given.room, `m${seq}`, pass, atMs);
        }
        expect((await given.glance(NOW_MS + 600_001)).revoked.map(({ seq }) => seq)).toEqual([2]);
      });
    });
  });
}

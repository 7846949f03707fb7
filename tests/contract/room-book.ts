/** Owns what every book of rooms must keep to: run over each implementation of the port. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { sha256 } from "../../queue/room/draw/hash.ts";
import { changeRoom, type Room, type RoomChange } from "../../queue/room/room.ts";
import type { RoomBook } from "../../queue/room/room-book.ts";
import type { RoomId } from "../../queue/room/room-store.ts";

export interface RoomBookUnderTest {
  readonly book: RoomBook;
  /** Puts a reservation there that a member made at that time. */
  reserve(reservation: string, flightId: string, member: string, atMs: number): Promise<void>;
  close(): Promise<void>;
}

const NOW_MS = Date.UTC(2030, 0, 1);

export function roomBookContract(name: string, open: () => Promise<RoomBookUnderTest>): void {
  describe(`book of rooms ${name}`, () => {
    let under: RoomBookUnderTest;
    let book: RoomBook;
    let id: RoomId;
    let rooms = 0;

    beforeAll(async () => {
      under = await open();
      book = under.book;
    });
    afterAll(() => under.close());
    beforeEach(() => {
      rooms += 1;
      id = { flightId: `PG-${rooms}`, epoch: 1 };
    });

    const change = async (wanted: RoomChange, nowMs = NOW_MS): Promise<Room> => {
      const given = { nowMs, seed: () => new Uint8Array(32).fill(rooms), beaconNameAt: () => "https://beacon/1" };
      const changing = await book.change(id.flightId, (current) => changeRoom(id.flightId, current, wanted, given));
      if (!changing.ok) throw new Error(`${changing.field} ${changing.why}`);
      return changing.room;
    };
    const room = async () => present(await book.room(id.flightId), "there is a room");
    const pass = (member: string, seq: number, issuedAtMs = NOW_MS) => ({
      member,
      seq,
      issuedAtMs,
      expiresAtMs: issuedAtMs + 600_000,
    });

    const depart = async (flightId: string, reservation: string, atMs: number) => {
      const [departure = null] = await book.depart([{ flightId, reservation, atMs }]);
      return departure;
    };

    test("keeps a room as it was changed, and none that never was", async () => {
      expect(await book.room(id.flightId)).toBeNull();
      const settings = { maxActive: 7, admitPerMinute: 60, passTtlMs: 5_000, registeredBeforeMs: NOW_MS - 1 };
      const made = await change({ mode: "on", opensAtMs: NOW_MS + 60_000, ...settings });
      expect(made).toMatchObject({ epoch: 1, settings, draw: { beaconName: "https://beacon/1", frozen: null } });
      expect(await room()).toEqual(made);
      const paused = await change({ mode: "paused", maxActive: null }, NOW_MS + 5);
      expect(paused).toEqual({
        ...made,
        mode: "paused",
        settings: { ...made.settings, maxActive: null },
        changedAtMs: NOW_MS + 5,
      });
      expect(await room()).toEqual(paused);
    });

    test("changes nothing where the change is refused", async () => {
      expect(await book.change(id.flightId, () => ({ ok: false, field: "mode", why: "no" }))).toMatchObject({
        ok: false,
      });
      expect(await book.room(id.flightId)).toBeNull();
    });

    test("lets one after another change a room, however many want to at once", async () => {
      const toggles = Array.from({ length: 6 }, (_, at) => change({ mode: "on", admitPerMinute: at + 1 }));
      await Promise.all(toggles);
      expect((await room()).epoch).toBe(1);
      await Promise.all([change({ mode: "off" }), change({ mode: "off" })]);
      expect((await change({ mode: "on" })).epoch).toBe(2);
    });

    test("gives the rooms that changed at a time or later", async () => {
      await change({ mode: "on" }, NOW_MS + 1_000_000_000);
      const flights = async (sinceMs: number) => (await book.rooms(sinceMs)).map(({ flightId }) => flightId);
      expect(await flights(NOW_MS + 1_000_000_000)).toEqual([id.flightId]);
      expect(await flights(NOW_MS + 1_000_000_001)).toEqual([]);
      expect(await flights(0)).toContainValues(["PG-1", id.flightId]);
    });

    test("notes how far a room has come: numbers only rise, and nothing of a former epoch counts", async () => {
      await change({ mode: "on" });
      const gaps = [
        { from: 7, to: 40 },
        { from: 52, to: 59 },
      ];
      await book.note(id, { admitted: 5, seqHigh: 50, gaps: gaps.slice(0, 1), atMs: NOW_MS + 1 });
      await book.note(id, { admitted: 4, seqHigh: 60, gaps, atMs: NOW_MS + 2 });
      // A pacer that is late knows of fewer gaps.
      await book.note(id, { admitted: 5, seqHigh: 50, gaps: [], atMs: NOW_MS + 2 });
      const checkpoint = { admitted: 5, seqHigh: 60, seqCeiling: 0, gaps, atMs: NOW_MS + 2 };
      expect((await room()).checkpoint).toEqual(checkpoint);
      await change({ mode: "paused" });
      expect((await room()).checkpoint).toEqual(checkpoint);
      await change({ mode: "off" });
      await change({ mode: "on" });
      await book.note(id, { admitted: 9, seqHigh: 90, gaps, atMs: NOW_MS + 3 });
      expect((await room()).checkpoint).toEqual({ admitted: 0, seqHigh: 0, seqCeiling: 0, gaps: [], atMs: NOW_MS });
    });

    test("raises the ceiling, never lowers it, and says what it is", async () => {
      await change({ mode: "on" });
      expect(await book.raiseCeiling(id, 100)).toBe(100);
      expect(await book.raiseCeiling(id, 50)).toBe(100);
      expect(await book.raiseCeiling(id, 150)).toBe(150);
      expect((await room()).checkpoint.seqCeiling).toBe(150);
      expect(await book.raiseCeiling({ ...id, epoch: 2 }, 100)).toBe(0);
    });

    test("keeps a frozen line and the draw, the first of each", async () => {
      await change({ mode: "on", opensAtMs: NOW_MS + 60_000 });
      expect(await book.blockRoots(id)).toBeNull();
      await book.draw(id, null, NOW_MS + 3);
      expect((await room()).draw.drawnAtMs).toBeNull();
      const [root, roots] = [sha256("root"), new Uint8Array(64).fill(7)];
      await book.freeze(id, 1_500, root, roots, NOW_MS + 5);
      await book.freeze(id, 9, sha256("other"), new Uint8Array(32), NOW_MS + 6);
      expect(await room()).toMatchObject({
        draw: { frozen: { n: 1_500, root }, drawnAtMs: null },
        changedAtMs: NOW_MS + 5,
      });
      expect(await book.blockRoots(id)).toEqual(roots);
      await book.draw(id, sha256("beacon"), NOW_MS + 7);
      await book.draw(id, null, NOW_MS + 8);
      expect(await room()).toMatchObject({ draw: { beaconValue: sha256("beacon"), drawnAtMs: NOW_MS + 7 } });
      // Settings may change; the line stays frozen.
      await change({ mode: "paused" }, NOW_MS + 9);
      expect(await book.blockRoots(id)).toEqual(roots);
      await change({ mode: "closed" });
      await change({ mode: "on", opensAtMs: NOW_MS + 60_000 });
      expect(await book.blockRoots({ ...id, epoch: 2 })).toBeNull();
      expect((await room()).draw).toMatchObject({ frozen: null, drawnAtMs: null, beaconValue: null });
    });

    test("keeps a freeze and a draw as later than every change before, whatever the clocks of those who made them", async () => {
      await change({ mode: "on", opensAtMs: NOW_MS + 60_000 });
      await change({ mode: "paused" }, NOW_MS + 30);
      await book.freeze(id, 7, sha256("root"), new Uint8Array(32), NOW_MS + 10);
      expect((await room()).changedAtMs).toBe(NOW_MS + 31);
      await book.draw(id, null, NOW_MS + 20);
      expect(await room()).toMatchObject({ changedAtMs: NOW_MS + 32, draw: { drawnAtMs: NOW_MS + 20 } });
    });

    test("keeps leaves block by block", async () => {
      const leaves = crypto.getRandomValues(new Uint8Array(32_768));
      await book.keepLeaves(id, 0, leaves);
      await book.keepLeaves(id, 1, leaves.slice(0, 64));
      await book.keepLeaves(id, 1, leaves.slice(64, 96));
      expect(await book.leaves(id, 0)).toEqual(leaves);
      expect(await book.leaves(id, 1)).toEqual(leaves.slice(64, 96));
      expect(await book.leaves(id, 2)).toBeNull();
    });

    describe("issue()", () => {
      test("writes passes down, and gives back the one that a member has", async () => {
        const first = [pass("a", 1), pass("b", 2)];
        const written = first.map((each) => ({ ...each, endedAtMs: null }));
        expect(await book.issue(id, first, NOW_MS)).toEqual(written);
        expect(await book.issue(id, [pass("b", 7, NOW_MS + 5), pass("c", 3)], NOW_MS)).toEqual([
          { ...pass("b", 2), endedAtMs: null },
          { ...pass("c", 3), endedAtMs: null },
        ]);
        expect(await book.passes(id)).toHaveLength(3);
        expect(await book.passes({ ...id, epoch: 2 })).toEqual([]);
      });

      test("gives one pass to a member for whom two are asked for at once", async () => {
        const asked = Array.from({ length: 8 }, (_, at) => book.issue(id, [pass("a", at + 1, NOW_MS + at)], NOW_MS));
        const given = (await Promise.all(asked)).flat();
        expect(new Set(given.map(({ seq }) => seq)).size).toBe(1);
        expect(await book.passes(id)).toHaveLength(1);
      });

      test("gives one pass to a member who is named twice in one call, and each other theirs", async () => {
        const one = { ...pass("a", 1), endedAtMs: null };
        const asked = [pass("a", 1), pass("b", 2), pass("a", 1), pass("a", 3, NOW_MS + 5)];
        expect(await book.issue(id, asked, NOW_MS)).toEqual([one, { ...pass("b", 2), endedAtMs: null }, one, one]);
        expect(await book.passes(id)).toHaveLength(2);
        const later = pass("a", 5, NOW_MS + 700_000);
        const again = { ...later, endedAtMs: null };
        expect(await book.issue(id, [later, later], NOW_MS + 700_000)).toEqual([again, again]);
        expect(await book.passes(id)).toContainEqual(again);
      });

      test("gives another pass for a later place, once the one before has ended or run out", async () => {
        await under.reserve(`r${id.flightId}`, id.flightId, "a", NOW_MS);
        await change({ mode: "on" });
        await book.issue(id, [pass("a", 1), pass("b", 2)], NOW_MS);
        await depart(id.flightId, `r${id.flightId}`, NOW_MS + 1);
        expect(await book.issue(id, [pass("a", 1, NOW_MS + 2)], NOW_MS + 2)).toMatchObject([{ endedAtMs: NOW_MS + 1 }]);
        const later = [pass("a", 5, NOW_MS + 700_000), pass("b", 6, NOW_MS + 700_000)];
        expect(await book.issue(id, later, NOW_MS + 700_000)).toEqual(
          later.map((each) => ({ ...each, endedAtMs: null })),
        );
      });
    });

    describe("depart()", () => {
      beforeEach(async () => {
        await change({ mode: "on" });
        await under.reserve(`r${id.flightId}`, id.flightId, "a", NOW_MS);
      });

      test("ends the pass of whoever has the reservation, and says so again", async () => {
        await book.issue(id, [pass("a", 3), pass("b", 4)], NOW_MS);
        const departure = { epoch: 1, pass: { ...pass("a", 3), endedAtMs: NOW_MS + 9 } };
        expect(await depart(id.flightId, `r${id.flightId}`, NOW_MS + 9)).toEqual(departure);
        expect(await depart(id.flightId, `r${id.flightId}`, NOW_MS + 20)).toEqual(departure);
        expect(await book.revoked(id, NOW_MS + 10)).toMatchObject([{ seq: 3 }]);
        expect(await book.revoked(id, NOW_MS + 600_000)).toEqual([]);
      });

      test("ends those of many at once, each at its time, and no other", async () => {
        const one = id;
        rooms += 1;
        const other = { flightId: `PG-${rooms}`, epoch: 1 };
        id = other;
        await change({ mode: "on" });
        await under.reserve(`r${other.flightId}`, other.flightId, "a", NOW_MS);
        await under.reserve(`s${other.flightId}`, other.flightId, "b", NOW_MS);
        for (const each of [one, other]) await book.issue(each, [pass("a", 3), pass("b", 4), pass("c", 5)], NOW_MS);
        const leaving = (at: typeof id, reservation: string, atMs: number) => ({
          flightId: at.flightId,
          reservation,
          atMs: NOW_MS + atMs,
        });
        const ended = (member: string, seq: number, atMs: number) => ({
          epoch: 1,
          pass: { ...pass(member, seq), endedAtMs: NOW_MS + atMs },
        });
        const asked = [
          leaving(other, `s${other.flightId}`, 5),
          leaving(one, "nothing", 6),
          leaving(one, `r${one.flightId}`, 7),
          // It was ended by the one before.
          leaving(one, `r${one.flightId}`, 8),
          leaving(other, `r${other.flightId}`, -1),
          leaving(other, `r${one.flightId}`, 9),
        ];
        const answers = [ended("b", 4, 5), null, ended("a", 3, 7), ended("a", 3, 7), null, null];
        expect(await book.depart(asked)).toEqual(answers);
        expect(await book.depart(asked)).toEqual(answers);
        const ends = async (room: RoomId) =>
          Object.fromEntries((await book.passes(room)).map(({ member, endedAtMs }) => [member, endedAtMs]));
        expect(await ends(one)).toEqual({ a: NOW_MS + 7, b: null, c: null });
        expect(await ends(other)).toEqual({ a: null, b: NOW_MS + 5, c: null });
      });

      test("leaves a pass that was given out later, one of another epoch, and one that has run out", async () => {
        await book.issue(id, [pass("a", 3)], NOW_MS);
        expect(await depart(id.flightId, `r${id.flightId}`, NOW_MS - 1)).toBeNull();
        expect(await depart(id.flightId, `r${id.flightId}`, NOW_MS + 600_000)).toBeNull();
        await change({ mode: "off" });
        await change({ mode: "on" });
        expect(await depart(id.flightId, `r${id.flightId}`, NOW_MS + 9)).toBeNull();
        expect((await book.passes(id)).map(({ endedAtMs }) => endedAtMs)).toEqual([null]);
      });

      test("leaves a pass that was given out after the reservation was made: it came by an earlier one", async () => {
        await book.issue(id, [pass("a", 3, NOW_MS + 5)], NOW_MS + 5);
        expect(await depart(id.flightId, `r${id.flightId}`, NOW_MS + 9)).toBeNull();
        expect(await book.revoked(id, NOW_MS + 9)).toEqual([]);
        await under.reserve(`s${id.flightId}`, id.flightId, "a", NOW_MS + 6);
        expect(await depart(id.flightId, `s${id.flightId}`, NOW_MS + 9)).toMatchObject({ pass: { seq: 3 } });
      });

      test("finds nothing where there is no pass, no reservation or no room", async () => {
        expect(await depart(id.flightId, `r${id.flightId}`, NOW_MS)).toBeNull();
        expect(await depart(id.flightId, "nothing", NOW_MS)).toBeNull();
        expect(await depart("PG-NONE", `r${id.flightId}`, NOW_MS)).toBeNull();
      });
    });
  });
}

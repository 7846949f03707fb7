// Goal: a room lets people in as fast as its flight can take, calls others for those who don't come, and tells those who wait how long it will be.

import { describe, expect, test } from "bun:test";
import { KnownRoom } from "../../../queue/room/known-room.ts";
import { Leadership } from "../../../queue/room/leadership.ts";
import { MemoryRoomStore } from "../../../queue/room/memory/memory-room-store.ts";
import { Pace, WAIT_TARGET_MS } from "../../../queue/room/pace.ts";
import { PacedRoom } from "../../../queue/room/paced-room.ts";
import { joinedOf, positionOf, raisedBy } from "../../../queue/room/positions.ts";
import { changeRoom, type Room, type RoomChange } from "../../../queue/room/room.ts";
import type { Glance } from "../../../queue/room/room-store.ts";
import { ShowUp } from "../../../queue/room/show-up.ts";
import { ThresholdRate } from "../../../queue/room/threshold-rate.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const NOW_MS = Date.UTC(2030, 0, 1);
const FINE = { waitP95Ms: 5, overloaded: 0 };
const SLOW = { waitP95Ms: WAIT_TARGET_MS + 1, overloaded: 0 };

function roomOf(change: Partial<RoomChange> = {}): Room {
  const given = { nowMs: NOW_MS, seed: () => new Uint8Array(32), beaconNameAt: () => null };
  const changing = changeRoom("PG-1", null, { mode: "on", ...change }, given);
  if (!changing.ok) throw new Error(changing.why);
  return changing.room;
}

const glanceOf = (given: Partial<Glance> = {}): Glance => ({
  seqHigh: 1_000,
  seqCeiling: 2_000,
  gaps: [],
  admitted: 0,
  frozen: null,
  active: 0,
  atDoor: 0,
  shown: 0,
  pace: null,
  revoked: [],
  cursor: 0,
  ...given,
});

describe("the pace", () => {
  test("rises step by step to the limit while the flight keeps up, and stays there", () => {
    const pace = new Pace();
    const steps = Array.from({ length: 40 }, () => pace.next(600, FINE).perMinute);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(steps[0]).toBeWithin(150, 200);
    expect(steps.at(-1)).toBe(600);
    expect(pace.next(600, FINE)).toEqual({ perMinute: 600, reason: "at the limit" });
  });

  test("falls by three tenths when the flight is slow or refuses, but not below the floor", () => {
    const pace = new Pace();
    for (let step = 0; step < 40; step++) pace.next(600, FINE);
    expect(pace.next(600, SLOW)).toEqual({ perMinute: 420, reason: "slow" });
    expect(pace.next(600, { ...FINE, overloaded: 1 })).toEqual({ perMinute: 420 * 0.7, reason: "overloaded" });
    for (let step = 0; step < 40; step++) pace.next(600, SLOW);
    expect(pace.next(600, SLOW).perMinute).toBe(30);
  });

  test("is the floor while the flight says nothing", () => {
    const pace = new Pace();
    for (let step = 0; step < 40; step++) pace.next(600, FINE);
    expect(pace.next(600, null)).toEqual({ perMinute: 30, reason: "silent" });
  });

  test("follows a lower limit at once, and lets one in a minute at least", () => {
    const pace = new Pace();
    for (let step = 0; step < 40; step++) pace.next(600, FINE);
    expect(pace.next(60, FINE).perMinute).toBe(60);
    expect(new Pace().next(1, SLOW).perMinute).toBe(1);
  });
});

describe("a paced room", () => {
  const paced = (glance: Partial<Glance>, change: Partial<RoomChange> = {}, seatsLeft: number | null = 100) => {
    const known = new KnownRoom(roomOf(change));
    known.see(glanceOf(glance), NOW_MS);
    const room = new PacedRoom(known);
    room.seatsLeft = seatsLeft;
    return { known, room };
  };
  const callsOf = (glance: Partial<Glance>, change: Partial<RoomChange> = {}, seatsLeft: number | null = 100) => {
    const { room } = paced(glance, change, seatsLeft);
    room.decide(FINE, NOW_MS + 1);
    return [room.called, room.reason];
  };

  test("calls as many as the pace of the next seconds wants", () => {
    expect(callsOf({}, { admitPerMinute: 600 })).toEqual([29, "steady"]);
  });

  test("calls no more than have a pass to get, nobody who is not there, and nobody while people stand at the door", () => {
    expect(callsOf({ active: 95 }, { maxActive: 100 })[0]).toBe(5);
    expect(callsOf({ active: 100 }, { maxActive: 100 })).toEqual([0, "full"]);
    expect(callsOf({ seqHigh: 7, admitted: 4 })[0]).toBe(3);
    expect(callsOf({ seqHigh: 7, admitted: 7 })).toEqual([0, "nobody waits"]);
    expect(callsOf({ atDoor: 1 })).toEqual([0, "people at the door"]);
  });

  test("calls nobody when it is paused, not open, sold out, or knows of no seats", () => {
    expect(callsOf({}, {}, 0)).toEqual([0, "sold out"]);
    expect(callsOf({}, {}, null)).toEqual([0, "seats unknown"]);
    expect(callsOf({}, { opensAtMs: NOW_MS + 60_000 })).toEqual([0, "not open"]);
  });

  test("has as many passes as the seats left suggest, and no more than the operator wants", () => {
    const activeMaxOf = (seatsLeft: number | null, maxActive: number | null) =>
      paced({}, { maxActive }, seatsLeft).room.decide(FINE, NOW_MS + 1)?.activeMax;
    expect(activeMaxOf(100, null)).toBe(250);
    expect(activeMaxOf(100, 70)).toBe(70);
    expect(activeMaxOf(3, 70)).toBe(8);
    expect(activeMaxOf(0, 70)).toBe(0);
    expect(activeMaxOf(null, 70)).toBe(0);
  });

  test("calls so many that the passes are used when few of those who are called come", () => {
    const { known, room } = paced({}, { admitPerMinute: 60 });
    let [admitted, shown, served, servedBefore, note] = [0, 0, 0, 0, ""];
    for (let second = 1; second <= 360; second++) {
      const glance = glanceOf({ seqHigh: 100_000, admitted, shown, atDoor: shown - served });
      known.see(glance, NOW_MS + second * 1_000);
      note = room.decide({ ...FINE }, NOW_MS + second * 1_000)?.note ?? note;
      admitted += room.called;
      // One in four comes, and the door lets in one a second.
      shown = Math.floor(admitted / 4);
      served = Math.min(shown, served + 1);
      if (second === 300) servedBefore = served;
    }
    expect(served - servedBefore).toBeGreaterThan(50);
    expect(note).toMatch(/"showUp":0.[23]/);
    expect(admitted).toBeLessThan(2_000);
  });

  test("goes on as before when the store has lost its count of those who came", () => {
    const { known, room } = paced({ seqHigh: 100_000 }, { admitPerMinute: 600 }, 10_000);
    let [admitted, shown] = [0, 0];
    const called = Array.from({ length: 240 }, (_, second) => {
      if (second === 120) shown = 0;
      known.see(glanceOf({ seqHigh: 100_000, admitted, shown }), NOW_MS + second * 1_000);
      room.decide({ ...FINE }, NOW_MS + second * 1_000);
      admitted += room.called;
      // Half of them come.
      shown += Math.floor(room.called / 2);
      return room.called;
    });
    const [before, after] = [called.slice(60, 120), called.slice(120)];
    expect(Math.max(...after)).toBeLessThan(10 * Math.max(...before));
    const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);
    expect(sum(after.slice(0, 20))).toBeGreaterThan(sum(before.slice(0, 20)) / 2);
    expect(sum(after.slice(60))).toBeWithin(0.7 * sum(before), 1.3 * sum(before));
  });

  test("learns once from each signal", () => {
    const { room } = paced({ atDoor: 1 }, { admitPerMinute: 600 });
    const signal = { ...SLOW };
    const first = room.decide(signal, NOW_MS + 1)?.ratePerMinute;
    expect(room.decide(signal, NOW_MS + 2)?.ratePerMinute).toBe(first as number);
    expect(room.decide({ ...SLOW }, NOW_MS + 3)?.ratePerMinute).toBeLessThan(first as number);
  });

  test("compares what it estimated with what came", () => {
    const { known, room } = paced({});
    let errors = 0;
    for (let second = 1; second <= 200; second++) {
      const admitted = second * 2;
      const pace = { ratePerMinute: 60, activeMax: 10, seatsLeft: 10 };
      known.see(glanceOf({ admitted, shown: admitted, pace }), NOW_MS + second * 1_000);
      room.decide({ ...FINE }, NOW_MS + second * 1_000);
      for (const errorS of room.takeErrors()) {
        errors += 1;
        if (second > 100) expect(errorS).toBeLessThan(5);
      }
    }
    expect(errors).toBeGreaterThan(3);
  });
});

describe("who shows up", () => {
  test("is everybody until it is known better, and what was measured afterwards", () => {
    const showUp = new ShowUp();
    expect(showUp.share).toBe(1);
    for (let second = 0; second < 120; second++) showUp.note(second * 10, second * 3, second * 1_000);
    expect(showUp.share).toBeWithin(0.28, 0.38);
    // As many as come have come.
    expect(showUp.expected).toBeLessThan(40);
    showUp.note(119 * 10 + 200, 119 * 3, 119_500);
    expect(showUp.expected).toBeWithin(50, 100);
    for (let second = 120; second < 400; second++)
      showUp.note(1_200 + (second - 120) * 10, 360 + (second - 120) * 10, second * 1_000);
    expect(showUp.share).toBeGreaterThan(0.95);
  });

  test("is counted anew once fewer have come than before: the store has lost its count", () => {
    const showUp = new ShowUp();
    for (let second = 0; second < 120; second++) showUp.note(second * 10, second * 5, second * 1_000);
    for (let second = 120; second < 240; second++) showUp.note(second * 10, (second - 120) * 5, second * 1_000);
    expect(showUp.share).toBeWithin(0.48, 0.58);
    expect(showUp.expected).toBeLessThan(60);
  });

  test("is never so few that a whole line is called at once", () => {
    const showUp = new ShowUp();
    for (let second = 0; second < 120; second++) showUp.note(second * 1_000, 0, second * 1_000);
    expect(showUp.share).toBe(0.02);
  });
});

describe("an estimate", () => {
  test("is careful while nothing was measured, and nothing while nobody is let in", () => {
    const rate = new ThresholdRate();
    expect(rate.estimate(60, 60)).toEqual({ p50: 60, p90: 120 });
    expect(rate.estimate(60, 0)).toBeNull();
  });

  test("goes by when passes run out where all are given and nobody was let in for a while", () => {
    const rate = new ThresholdRate();
    for (let second = 0; second <= 60; second++) rate.note(20, NOW_MS + second * 1_000);
    // Ten passes of ten minutes each.
    const turnover = { free: 0, perSecond: 10 / 600 };
    expect(rate.estimate(1, 600, turnover)).toEqual({ p50: 30, p90: 60 });
    expect(rate.estimate(20, 600, turnover)).toEqual({ p50: 600, p90: 1_200 });
    expect(rate.estimate(20, 600, { ...turnover, free: 20 })).toEqual({ p50: 2, p90: 4 });
  });

  test("follows what was measured, and its range how steady that was", () => {
    const steady = new ThresholdRate();
    const uneven = new ThresholdRate();
    for (let piece = 0; piece < 30; piece++) {
      steady.note(piece * 20, NOW_MS + piece * 10_000);
      uneven.note(Math.floor(piece / 3) * 60, NOW_MS + piece * 10_000);
    }
    expect(steady.estimate(100, 9)).toEqual({ p50: 50, p90: 50 });
    const range = uneven.estimate(100, 9);
    expect(range?.p50).toBeWithin(40, 60);
    expect(range?.p90).toBeGreaterThan(150);
  });
});

describe("positions", () => {
  const line = { admitted: 10, frozen: null, gaps: [{ from: 21, to: 120 }] };

  test("count people, and no places that a loss skipped", () => {
    expect(positionOf(11, line)).toBe(1);
    expect(positionOf(20, line)).toBe(10);
    expect(positionOf(121, line)).toBe(11);
    expect(positionOf(121, { ...line, admitted: 120 })).toBe(1);
    expect(positionOf(5, line)).toBe(1);
    expect(joinedOf({ seqHigh: 130, gaps: line.gaps })).toBe(30);
  });

  test("of a line that was drawn have nothing to do with gaps in it", () => {
    expect(positionOf(121, { ...line, frozen: 120 })).toBe(111);
    expect(raisedBy(20, { ...line, frozen: 120 })).toBe(30);
  });

  test("are passed over by a threshold that comes to a gap", () => {
    expect(raisedBy(9, line)).toBe(19);
    expect(raisedBy(10, line)).toBe(120);
    expect(raisedBy(12, line)).toBe(122);
    expect(raisedBy(1, { ...line, admitted: 120 })).toBe(121);
  });
});

test("one leads at a time, and the next one within three seconds after it has died", async () => {
  const clock = new FakeClock();
  const store = new MemoryRoomStore();
  const [first, second] = [new Leadership(store, clock, "a"), new Leadership(store, clock, "b")];
  const fence = await first.hold();
  expect(fence).not.toBeNull();
  expect(await second.hold()).toBeNull();
  clock.advance(2_999);
  expect(await first.hold()).toBe(fence);
  clock.advance(3_000);
  const next = await second.hold();
  expect(next).toBeGreaterThan(fence as number);
  expect(await first.hold()).toBeNull();
  await second.leave();
  expect(await first.hold()).toBeGreaterThan(next as number);
});

describe("an operator's change", () => {
  const given = {
    nowMs: NOW_MS + 5,
    seed: () => new Uint8Array(32).fill(9),
    beaconNameAt: (atMs: number) => `b${atMs}`,
  };

  test("keeps what it leaves out", () => {
    const room = roomOf({ maxActive: 7, admitPerMinute: 60 });
    expect(changeRoom("PG-1", room, { mode: "paused" }, given)).toMatchObject({
      ok: true,
      room: { mode: "paused", epoch: 1, settings: { maxActive: 7, admitPerMinute: 60 }, changedAtMs: NOW_MS + 5 },
    });
  });

  test("begins a new epoch after off and closed, with a seed of its own, and after nothing else", () => {
    const room = roomOf();
    for (const mode of ["off", "closed"] as const) {
      const next = changeRoom("PG-1", { ...room, mode }, { mode: "on" }, given);
      expect(next).toMatchObject({ room: { epoch: 2, draw: { seed: given.seed() }, checkpoint: { seqHigh: 0 } } });
    }
    for (const mode of ["on", "paused"] as const) {
      expect(changeRoom("PG-1", { ...room, mode }, { mode: "on" }, given)).toMatchObject({ room: { epoch: 1 } });
    }
  });

  test("is later than the one before, whatever the clocks of those who made them", () => {
    const room = { ...roomOf(), changedAtMs: given.nowMs + 30 };
    const changes: RoomChange[] = [{ mode: "paused" }, { mode: "closed" }, { mode: "on", admitPerMinute: 60 }];
    for (const change of changes)
      expect(changeRoom("PG-1", room, change, given)).toMatchObject({ room: { changedAtMs: room.changedAtMs + 1 } });
    // It opens by the clock all the same.
    expect(changeRoom("PG-1", { ...room, mode: "off" }, { mode: "on" }, given)).toMatchObject({
      room: { changedAtMs: room.changedAtMs + 1, opensAtMs: given.nowMs, draw: { drawnAtMs: given.nowMs } },
    });
    const gathering = { ...roomOf({ opensAtMs: NOW_MS + 60_000 }), changedAtMs: given.nowMs + 30 };
    expect(changeRoom("PG-1", gathering, { mode: "on", opensAtMs: NOW_MS + 90_000 }, given)).toMatchObject({
      room: { changedAtMs: gathering.changedAtMs + 1 },
    });
  });

  test("moves no opening from a moment before the line is frozen on: clocks differ", () => {
    const gathering = (seqHigh: number, beaconName: string | null): Room => {
      const room = roomOf({ opensAtMs: NOW_MS + 60_000 });
      return { ...room, draw: { ...room.draw, beaconName }, checkpoint: { ...room.checkpoint, seqHigh } };
    };
    const isMovedAt = (room: Room, afterMs: number): boolean =>
      changeRoom("PG-1", room, { mode: "on", opensAtMs: NOW_MS + 120_000 }, { ...given, nowMs: NOW_MS + afterMs }).ok;
    const limitsMs = [
      [gathering(0, null), 57_000],
      [gathering(0, "b"), 47_000],
      [gathering(1_000_000, null), 52_000],
    ] as const;
    for (const [room, limitMs] of limitsMs)
      expect([isMovedAt(room, limitMs - 1), isMovedAt(room, limitMs)]).toEqual([true, false]);
  });

  test("names the beacon beforehand, for a time between the freeze and the opening", () => {
    const opensAtMs = NOW_MS + 60_000;
    const changing = changeRoom("PG-1", null, { mode: "on", opensAtMs }, given);
    expect(changing).toMatchObject({ room: { draw: { beaconName: `b${opensAtMs - 6_000}`, frozen: null } } });
    expect(changeRoom("PG-1", null, { mode: "on" }, given)).toMatchObject({
      room: { draw: { beaconName: null, frozen: { n: 0 }, drawnAtMs: NOW_MS + 5 } },
    });
    // Those who have gathered are drawn for, though no beacon can be named any more.
    const gathering = roomOf({ opensAtMs });
    expect(changeRoom("PG-1", gathering, { mode: "on", opensAtMs: NOW_MS }, given)).toMatchObject({
      room: { opensAtMs: NOW_MS, draw: { beaconName: null, frozen: null, drawnAtMs: null } },
    });
  });
});

test("those who wait are people, however many places losses have skipped before and behind the threshold", () => {
  const gaps = [
    { from: 11, to: 10_000 },
    { from: 10_013, to: 20_000 },
  ];
  const waitingAt = (admitted: number): number => {
    const known = new KnownRoom(roomOf());
    known.see(glanceOf({ seqHigh: 20_003, admitted, gaps }), NOW_MS);
    return known.waiting;
  };
  expect([0, 10, 5_000, 10_001, 20_003].map(waitingAt)).toEqual([25, 15, 15, 14, 0]);
});

test("joining costs work while more people join than a room expects, where the operator leaves it to the load", () => {
  const bitsOf = (proofOfWork: "off" | "on" | "auto", joined: number): number => {
    const known = new KnownRoom(roomOf({ proofOfWork }));
    known.see(glanceOf({ seqHigh: 0 }), NOW_MS);
    // A loss that skips places brings nobody.
    const gaps = [{ from: 1, to: 10_000 }];
    known.see(glanceOf({ seqHigh: 10_000 + joined, gaps }), NOW_MS + 1_000);
    return known.workBits;
  };
  expect([bitsOf("off", 50_000), bitsOf("on", 0), bitsOf("auto", 900)]).toEqual([0, 18, 0]);
  expect(bitsOf("auto", 1_500)).toBe(18);
  expect(bitsOf("auto", 5_000)).toBe(20);
});

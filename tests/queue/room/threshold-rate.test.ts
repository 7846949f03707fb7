// Goal: what those who wait are told of the time goes by how fast a line has moved, and never by a time in which there was none.

import { describe, expect, test } from "bun:test";
import { KnownRoom } from "../../../queue/room/known-room.ts";
import { changeRoom, type Room, type RoomChange } from "../../../queue/room/room.ts";
import type { Glance } from "../../../queue/room/room-store.ts";
import { ThresholdRate } from "../../../queue/room/threshold-rate.ts";

const NOW_MS = Date.UTC(2030, 0, 1);

function roomOf(change: Partial<RoomChange> = {}, before: Room | null = null): Room {
  const given = { nowMs: NOW_MS, seed: () => new Uint8Array(32), beaconNameAt: () => null };
  const changing = changeRoom("PG-1", before, { mode: "on", ...change }, given);
  if (!changing.ok) throw new Error(changing.why);
  return changing.room;
}

const glanceOf = (seqHigh: number, admitted: number): Glance => ({
  ...{ seqHigh, admitted, seqCeiling: 10_000, gaps: [], frozen: null, active: 0, atDoor: 0, shown: 0 },
  ...{ pace: null, revoked: [], cursor: 0 },
});

/** From one second to another, whom the room has let in, and how many have joined. */
function looks(known: KnownRoom, from: number, to: number, at: (second: number) => readonly [number, number]): void {
  for (let second = from; second <= to; second++) {
    const [admitted, joined] = at(second - from);
    known.see(glanceOf(joined, admitted), NOW_MS + second * 1_000);
  }
}

describe("ThresholdRate", () => {
  test("leaves out each piece of time of which some was quiet", () => {
    const rate = new ThresholdRate();
    const note = (second: number, admitted: number, isMoving: boolean) =>
      rate.note(admitted, NOW_MS + second * 1_000, isMoving);
    for (let second = 0; second < 65; second++) note(second, Math.floor(second / 10), false);
    for (let second = 65; second < 99; second++) note(second, 6 + (second - 65) * 10, true);
    expect(rate.estimate(600, 60)).toEqual({ p50: 600, p90: 1_200 });
    note(100, 356, true);
    expect(rate.estimate(600, 60)).toEqual({ p50: 60, p90: 60 });
    for (let second = 101; second < 200; second++) note(second, 356 + (second - 100), second % 10 !== 5);
    expect(rate.estimate(600, 60)).toEqual({ p50: 60, p90: 60 });
  });
});

describe("the estimate of a room", () => {
  test("goes by its pace, and then by what was measured, when many come after a time in which nobody waited", () => {
    const known = new KnownRoom(roomOf());
    looks(known, 0, 300, (second) => [Math.floor(second / 50), Math.floor(second / 50)]);
    looks(known, 301, 301, () => [6, 2_000]);
    expect(known.rate.estimate(600, 600)).toEqual({ p50: 60, p90: 120 });
    looks(known, 302, 360, (second) => [6 + second * 20, 2_000]);
    expect(known.rate.estimate(600, 600)).toEqual({ p50: 30, p90: 30 });
  });

  test("counts no time in which the room was paused, or had not opened", () => {
    const opensAtMs = NOW_MS + 300_000;
    const paused = new KnownRoom(roomOf({ mode: "paused" }, roomOf()));
    const gathering = new KnownRoom(roomOf({ opensAtMs }));
    for (const known of [paused, gathering]) {
      looks(known, 0, 299, () => [0, 2_000]);
      known.changeTo(roomOf());
      looks(known, 300, 360, (second) => [second * 20, 2_000]);
      expect(known.rate.estimate(600, 600)).toEqual({ p50: 30, p90: 30 });
    }
  });

  test("counts the time in which people waited and nobody was let in", () => {
    const known = new KnownRoom(roomOf());
    looks(known, 0, 300, (second) => [20 * Math.floor(second / 60), 2_000]);
    expect(known.rate.estimate(20, 600)?.p50).toBeGreaterThan(50);
  });
});

/** Owns the public status of rooms as it is sent: one small text for everybody, written once after each look at the rooms. */

import type { Clock } from "../../actors/clock.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import { hexOf } from "../../queue/room/draw/hash.ts";
import type { KnownRoom } from "../../queue/room/known-room.ts";
import { statusPollMs } from "../../queue/room/poll-after.ts";
import type { Rooms } from "../../queue/room/rooms.ts";
import { isoTime } from "../reservations/answers.ts";

const OFF = JSON.stringify({
  state: "off",
  epoch: 0,
  admitted: 0,
  joined: 0,
  waiting: 0,
  ratePerMinute: 0,
  seatsLeft: null,
  opensAt: null,
  seedHash: null,
  pollAfterMs: 10_000,
  workBits: 0,
  beacon: null,
  frozen: null,
});

export class StatusBoard {
  readonly #rooms: Rooms;
  readonly #clock: Clock;
  /** Of rooms that were asked for since the last look. */
  readonly #texts = new Map<FlightId, string>();

  constructor(rooms: Rooms, clock: Clock) {
    this.#rooms = rooms;
    this.#clock = clock;
    rooms.onLook(() => this.#texts.clear());
  }

  /** As JSON. */
  textOf(flightId: FlightId): string {
    const known = this.#rooms.get(flightId);
    if (known === null) return OFF;
    const written = this.#texts.get(flightId);
    if (written !== undefined) return written;
    const text = JSON.stringify(statusOf(known, this.#clock.nowMs()));
    this.#texts.set(flightId, text);
    return text;
  }
}

function statusOf(known: KnownRoom, nowMs: number) {
  const { room, glance } = known;
  // An operator may close a sale, or turn a room off, that was never on: then nothing was promised yet.
  const wasOn = room.epoch > 0;
  const { frozen, beaconName } = room.draw;
  const state = known.state(nowMs);
  const isMoving = state === "open";
  return {
    state,
    epoch: room.epoch,
    admitted: known.admitted,
    joined: known.joined,
    waiting: known.waiting,
    ratePerMinute: isMoving ? Math.round(glance?.pace?.ratePerMinute ?? 0) : 0,
    seatsLeft: known.seatsLeft,
    opensAt: wasOn ? isoTime(room.opensAtMs) : null,
    seedHash: wasOn ? known.seedHash : null,
    pollAfterMs: statusPollMs(known, nowMs),
    workBits: known.workBits,
    beacon: beaconName,
    frozen: frozen === null ? null : { n: frozen.n, root: hexOf(frozen.root) },
  };
}

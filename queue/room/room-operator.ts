/** Owns what an operator does with a room: turns it on and off, sets it, and looks at how it is run. */

import type { Clock } from "../../actors/clock.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { Entropy } from "../../actors/entropy.ts";
import type { Log } from "../../actors/telemetry.ts";
import type { Beacon } from "./beacon/beacon.ts";
import { newSeed } from "./draw/draw.ts";
import { changeRoom, isOver, type RoomChange, type RoomChanging } from "./room.ts";
import type { RoomBook } from "./room-book.ts";
import type { RoomStore } from "./room-store.ts";
import type { Rooms } from "./rooms.ts";

export interface RoomOperatorServices {
  readonly rooms: Rooms;
  readonly store: RoomStore;
  readonly book: RoomBook;
  readonly beacon: Beacon;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
}

export class RoomOperator {
  readonly #services: RoomOperatorServices;

  constructor(services: RoomOperatorServices) {
    this.#services = services;
  }

  /** Changes a room. When this resolves it is durable, this process goes by it, and the others are told. @throws what the database does */
  async change(flightId: FlightId, change: RoomChange): Promise<RoomChanging> {
    const { rooms, store, book, beacon, clock, entropy, log } = this.#services;
    const given = {
      nowMs: clock.nowMs(),
      seed: () => newSeed(entropy),
      beaconNameAt: (atMs: number) => beacon.nameAt(atMs),
    };
    const changing = await book.change(flightId, (current) => changeRoom(flightId, current, change, given));
    if (!changing.ok) return changing;
    const { room } = changing;
    await rooms.reload(flightId);
    rooms.tell({ flightId, epoch: room.epoch, revoked: [] });
    if (isOver(room)) {
      // What the store still has of it is never asked for again, and is replaced by the next epoch.
      await store.forget({ flightId, epoch: room.epoch }).catch((error: unknown) => {
        log.warn({ flightId, err: error }, "a room that was turned off is still in the store");
      });
    }
    return changing;
  }

  /** The pacer's decisions, the latest first. @throws what the store does */
  async journal(flightId: FlightId, limit: number): Promise<readonly object[]> {
    const known = this.#services.rooms.get(flightId);
    if (known === null) return [];
    const entries = await this.#services.store.journal(known.id, limit);
    return entries.map((entry) => JSON.parse(entry) as object);
  }
}

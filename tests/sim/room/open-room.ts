/** Owns the waiting rooms of one process, composed as `main.ts` does it. */

import { present } from "../../../actors/assert.ts";
import type { FlightClient } from "../../../actors/client.ts";
import type { Clock } from "../../../actors/clock.ts";
import { RoomStateStore } from "../../../db/stores/room-state.ts";
import { noBeacon } from "../../../queue/room/beacon/beacon.ts";
import { openRooms, type WaitingRooms } from "../../../queue/room/open-rooms.ts";
import { RoomTokens } from "../../../queue/room/room-tokens.ts";
import type { Machine } from "../cluster/machine.ts";

const KEY = new Uint8Array(32).fill(9);

/** Between two tries to read the rooms at the start, in milliseconds. */
const PAUSE_MS = 500;

/** What the same place in another flight's room would be given: it opens no door but that one. */
export function passElsewhere(pass: string): string {
  const tokens = new RoomTokens(KEY);
  const claims = present(tokens.readPass(pass), "a pass of ours");
  return tokens.pass({ ...claims, room: `${claims.room}-2` });
}

/** Ends once the rooms are known. */
export async function openRoomsOn(machine: Machine, clock: Clock, flights: FlightClient): Promise<WaitingRooms> {
  const { world, bus, db, entropy, telemetry, name } = machine;
  for (;;) {
    const rooms = openRooms({
      store: world.rooms.storeFor(machine),
      book: new RoomStateStore(db),
      beacon: noBeacon,
      key: KEY,
      bus,
      flights,
      clock,
      entropy,
      telemetry,
      holder: name,
    });
    try {
      await rooms.start();
      return rooms;
    } catch {
      // A process that can't read them at its start ends, and is started again.
      await rooms.stop();
      await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve));
    }
  }
}

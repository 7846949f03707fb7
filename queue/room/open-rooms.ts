/** Owns how the parts of the waiting rooms are put together, for every process that has to do with them. */

import type { Bus } from "../../actors/bus/bus.ts";
import type { FlightClient } from "../../actors/client.ts";
import type { Clock } from "../../actors/clock.ts";
import type { Entropy } from "../../actors/entropy.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import type { Beacon } from "./beacon/beacon.ts";
import { Departures } from "./departures.ts";
import { Gate } from "./gate.ts";
import { Opening } from "./opening.ts";
import { Pacer } from "./pacer.ts";
import { ProofOfWork } from "./proof-of-work.ts";
import type { RoomBook } from "./room-book.ts";
import { RoomDoor } from "./room-door.ts";
import { RoomOperator } from "./room-operator.ts";
import type { RoomStore } from "./room-store.ts";
import { RoomTokens } from "./room-tokens.ts";
import { Rooms } from "./rooms.ts";

export interface RoomOptions {
  readonly store: RoomStore;
  readonly book: RoomBook;
  readonly beacon: Beacon;
  /** ROOM_KEY: the same in all processes. */
  readonly key: Uint8Array;
  readonly bus: Bus;
  readonly flights: FlightClient;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
  /** Names this process among those that may pace the rooms. */
  readonly holder: string;
  /** Whether it is one of them. Any number may: one at a time does. @default true */
  readonly paces?: boolean;
}

export interface WaitingRooms {
  readonly rooms: Rooms;
  readonly book: RoomBook;
  /** In front of reservations. */
  readonly gate: Gate;
  readonly door: RoomDoor;
  readonly operator: RoomOperator;
  readonly work: ProofOfWork;
  /** What a relay with the consumer `room` hands entries to. */
  readonly departures: Departures;
  readonly pacer: Pacer;
  /** What keeps everybody from reserving, whatever pass they have, in words for an operator; null when nothing does. */
  trouble(): string | null;
  /** Reads all rooms; nothing may be served before. @throws what the database does */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function openRooms(options: RoomOptions): WaitingRooms {
  const { key, clock, telemetry, paces = true } = options;
  const rooms = new Rooms(options);
  const tokens = new RoomTokens(key);
  const opening = new Opening({ ...options, rooms });
  const pacer = new Pacer({ ...options, rooms, opening });
  return {
    rooms,
    book: options.book,
    gate: new Gate({ rooms, tokens, clock }),
    door: new RoomDoor({ ...options, rooms, tokens }),
    operator: new RoomOperator({ ...options, rooms, log: telemetry.log }),
    work: new ProofOfWork(key, clock),
    departures: new Departures({ ...options, rooms }),
    pacer,
    trouble: () => (rooms.isBlind ? "which flights have a waiting room can't be told now" : null),
    async start() {
      if (paces) pacer.start();
      await rooms.start();
    },
    async stop() {
      await rooms.stop();
      await pacer.stop();
    },
  };
}

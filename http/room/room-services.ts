/** Owns what the routes of waiting rooms need, and how it is put together. */

import type { Clock } from "../../actors/clock.ts";
import type { WaitingRooms } from "../../queue/room/open-rooms.ts";
import type { WaitingRoom } from "../../queue/room/waiting-room.ts";
import { MemoryRateLimits } from "../accounts/rate-limits.ts";
import type { LiveStreams } from "../live/live-streams.ts";
import { JoinLimits } from "./join-limits.ts";
import { StatusBoard } from "./status-board.ts";
import { StatusFeeds } from "./status-feeds.ts";

export interface RoomServices {
  readonly waitingRooms: WaitingRooms;
  readonly waitingRoom: WaitingRoom;
  readonly roomStatus: StatusBoard;
  readonly roomFeeds: StatusFeeds;
  readonly joinLimits: JoinLimits;
}

export interface RoomServicesOptions {
  readonly waitingRooms: WaitingRooms;
  readonly streams: LiveStreams;
  readonly clock: Clock;
  /** Whether joins are limited by address as well as by account. */
  readonly addressLimits: boolean;
}

export function roomServices({ waitingRooms, streams, clock, addressLimits }: RoomServicesOptions): RoomServices {
  const roomStatus = new StatusBoard(waitingRooms.rooms, clock);
  return {
    waitingRooms,
    waitingRoom: waitingRooms.gate,
    roomStatus,
    roomFeeds: new StatusFeeds(waitingRooms.rooms, roomStatus, streams),
    // Each edge counts for itself: a join must not cost another way to Redis.
    joinLimits: new JoinLimits(new MemoryRateLimits(clock), addressLimits),
  };
}

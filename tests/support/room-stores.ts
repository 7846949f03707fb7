/** Owns both kinds of room stores as tests try them: each can lose everything, as a restart does and a Redis that was emptied. */

import { silent } from "../../actors/telemetry.ts";
import { systemClock } from "../../db/system-clock.ts";
import { openRedis } from "../../queue/redis/redis.ts";
import { MemoryRoomStore } from "../../queue/room/memory/memory-room-store.ts";
import { RedisRoomStore } from "../../queue/room/redis-room-store.ts";
import type { RoomStore } from "../../queue/room/room-store.ts";
import type { RoomStoreUnderTest } from "../contract/room-store-given.ts";
import { RedisServer } from "./given-redis.ts";

export async function inMemory(): Promise<RoomStoreUnderTest> {
  let store: RoomStore = new MemoryRoomStore();
  return {
    // A process that has lost its memory is another one.
    store: new Proxy(store, { get: (_, name) => Reflect.get(store, name).bind(store) }),
    lose: async () => {
      store = new MemoryRoomStore();
    },
    close: async () => {},
  };
}

export async function inRedis(): Promise<RoomStoreUnderTest> {
  const server = await RedisServer.start();
  const redis = await openRedis(server.url, { telemetry: silent, clock: systemClock() });
  return {
    store: new RedisRoomStore(redis),
    lose: () => server.empty(),
    close: async () => {
      redis.close();
      await server.remove();
    },
  };
}

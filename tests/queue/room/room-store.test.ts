// Goal: the rooms in memory and those in Redis keep to one contract.

import { roomDoorContract } from "../../contract/room-door.ts";
import { roomStoreContract } from "../../contract/room-store.ts";
import { inMemory, inRedis } from "../../support/room-stores.ts";
import { describeWithService } from "../../support/services.ts";

roomStoreContract("in memory", inMemory);
roomDoorContract("in memory", inMemory);

describeWithService("redis-server", "Redis", () => {
  roomStoreContract("in Redis", inRedis);
  roomDoorContract("in Redis", inRedis);
});

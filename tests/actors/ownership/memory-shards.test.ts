/** Goal: the model of the shared database that the tests of ownership run on keeps to the same contract as the real ones. */

import { clusterShardsContract } from "../../contract/cluster-shards.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { MemoryShards } from "../../support/memory-shards.ts";

clusterShardsContract("the model in memory", async () => {
  const clock = new FakeClock();
  const shards = new MemoryShards(clock);
  return {
    shards,
    age: async (ms) => clock.advance(ms),
    reset: async () => shards.reset(),
    close: async () => {},
  };
});

/** Goal: the embedded bus and NATS keep to one contract, so that whoever uses a bus need not know which. */

import { InProcessBus } from "../../actors/bus/in-process.ts";
import { busContract } from "../contract/bus.ts";
import { NatsServer } from "../support/given-nats.ts";
import { describeWithService } from "../support/services.ts";

busContract("within the process", async () => {
  const bus = new InProcessBus();
  return { owner: bus, caller: bus, close: () => bus.close() };
});

describeWithService("nats-server", "the bus over NATS", () => {
  busContract("over NATS", async () => {
    const server = await NatsServer.start();
    // An owner that hears journals, as a process with all roles does; asked by an edge.
    const owner = await server.connect("all");
    const caller = await server.connect("edge");
    return {
      owner,
      caller,
      async close() {
        await Promise.all([owner.close(), caller.close()]);
        await server.remove();
      },
    };
  });
});

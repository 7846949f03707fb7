/** Goal: the simulated bus keeps to the contract of every bus, so that what is tried over it holds over NATS. */

import { busContract } from "../contract/bus.ts";
import { Hub } from "./bus/hub.ts";
import { SimulatedNats } from "./bus/simulated-nats.ts";
import { runByItself } from "./given-simulated.ts";
import { EventLoop } from "./world/event-loop.ts";
import { Link } from "./world/link.ts";
import { Process } from "./world/process.ts";
import { Random } from "./world/random.ts";

busContract("simulated", async () => {
  const loop = new EventLoop();
  const hub = new Hub(loop, new Random(1));
  const stop = runByItself(loop);
  const end = (name: string): SimulatedNats =>
    new SimulatedNats(hub, new Process(loop, name, { wallMs: 0, rate: 1 }), new Link(loop, () => 0.2));
  const [owner, caller] = [end("owner"), end("caller")];
  return {
    owner,
    caller,
    close: async () => {
      await Promise.all([owner.close(), caller.close()]);
      stop();
    },
  };
});

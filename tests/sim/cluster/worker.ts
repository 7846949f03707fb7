/** Owns a process that follows the journal and settles payments, composed as `main.ts` does it. */

import { flightClient } from "../../../actors/client.ts";
import { keepTime } from "../../../actors/cluster-clock.ts";
import { JournalTailStore } from "../../../db/stores/journal-tail.ts";
import { MysqlShards } from "../../../db/stores/mysql-shards.ts";
import { PaymentStore } from "../../../db/stores/payments.ts";
import { workerLockOn } from "../../../db/stores/worker-lock.ts";
import { Reconciler } from "../../../queue/payments/reconciler.ts";
import { Settlement } from "../../../queue/payments/settlement.ts";
import { departuresConsumer } from "../../../queue/room/departures.ts";
import { Workers } from "../../../queue/workers.ts";
import { openRoomsOn } from "../room/open-room.ts";
import type { World } from "../world/world.ts";
import { REQUEST_MS_MAX } from "./edge.ts";
import { Machine } from "./machine.ts";

export class Worker {
  readonly kind = "worker";
  readonly machine: Machine;

  constructor(world: World, name: string) {
    this.machine = new Machine(world, name);
    void this.#start();
  }

  async #start(): Promise<void> {
    const { machine } = this;
    const { world, bus, db, entropy, telemetry } = machine;
    const shards = new MysqlShards(db);
    const clock = await machine.clusterClock(() => shards.nowMs());
    keepTime(clock, () => shards.nowMs());
    const flights = flightClient(bus, clock, entropy, { deadlineMs: REQUEST_MS_MAX, gathers: true });
    const book = new PaymentStore(db);
    const provider = world.bank.providerFor(machine, () => clock.nowMs());
    const rooms = world.plan.room === null ? null : await openRoomsOn(machine, clock, flights);
    const isSaleClosed = (flightId: string): boolean => rooms?.gate.state(flightId) === "closed";
    const ports = { bus, book, provider, flights, clock, entropy, telemetry, isSaleClosed };
    new Workers({
      ...ports,
      lock: workerLockOn(db, clock),
      reconciler: new Reconciler({ ...ports, settlement: new Settlement(ports) }),
      consumers: [world.reader.consumerFor(machine), ...(rooms === null ? [] : [departuresConsumer(rooms.departures)])],
      tail: new JournalTailStore(db),
    }).start();
  }
}

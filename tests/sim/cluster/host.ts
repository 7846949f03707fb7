/** Owns a process that owns flights, composed as `main.ts` does it: the product's own code, over simulated ports. */

import { numberForms } from "../../../actors/domain/number-forms.ts";
import type { Rules } from "../../../actors/domain/rules.ts";
import { FlightHost } from "../../../actors/flight-host.ts";
import { DEFAULT_LIMITS } from "../../../actors/limits.ts";
import { Numbers } from "../../../actors/numbers.ts";
import { HostOwnership } from "../../../actors/ownership/ownership.ts";
import { MysqlJournal } from "../../../db/stores/mysql-journal.ts";
import { MysqlShards } from "../../../db/stores/mysql-shards.ts";
import { numberBlocks } from "../../../db/stores/number-blocks.ts";
import { WatchedJournal } from "../checks/watched-journal.ts";
import type { World } from "../world/world.ts";
import { Machine } from "./machine.ts";

const FORMS = numberForms(new Uint8Array(32).fill(7), "990");

export class Host {
  readonly kind = "host";
  readonly machine: Machine;
  readonly hostId: string;
  #ownership: HostOwnership | null = null;
  isStopping = false;
  isStopped = false;

  /** @param hostId the same after a restart */
  constructor(world: World, hostId: string, name: string) {
    this.machine = new Machine(world, name);
    this.hostId = hostId;
    void this.#start(world.rules);
  }

  get ownership(): HostOwnership | null {
    return this.#ownership;
  }

  /** As at a deploy: everything that was taken is finished, and the shards are given. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.#ownership?.stop();
    this.isStopped = true;
  }

  async #start(rules: Rules): Promise<void> {
    const { machine, hostId } = this;
    const { world, bus, entropy, telemetry, db } = machine;
    const shards = new MysqlShards(db);
    const clock = await machine.clusterClock(() => shards.nowMs());
    const journal = new WatchedJournal(new MysqlJournal(db), world.checks, machine.name);
    const numbers = new Numbers(numberBlocks(db.write), FORMS, entropy, telemetry.log, world.plan.numberBlock);
    const ports = { clock, entropy, telemetry, bus, journal, numbers };
    this.#ownership = new HostOwnership({
      ...ports,
      shards,
      hostId,
      weight: 1,
      makeHost: (incarnation) => new FlightHost(ports, rules, { ...DEFAULT_LIMITS, ...world.limits }, incarnation),
    });
    await this.#ownership.start();
  }
}

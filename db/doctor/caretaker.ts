/** Owns every shard of a cluster for as long as the projections are made anew: no host can commit meanwhile, and none is taken over that lives. */

import type { Clock, Timer } from "../../actors/clock.ts";
import { MIN_READER } from "../../actors/domain/event.ts";
import { SHARDS } from "../../actors/domain/ids.ts";
import type { Entropy } from "../../actors/entropy.ts";
import type { LiveHost, Ownership } from "../../actors/shards.ts";
import type { OpenMysql } from "../open.ts";
import { MysqlShards } from "../stores/mysql-shards.ts";

const BEAT_MS = 1_000;

/** Hosts serve the flights. The message names them. */
export class HostsServe extends Error {
  override readonly name = "HostsServe";
}

function hostsServe(hosts: readonly LiveHost[]): HostsServe {
  return new HostsServe(`The flights are served, by ${hosts.map(({ hostId }) => hostId).join(", ")}.`);
}

const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);

export class Caretaker {
  readonly incarnation: string;
  readonly ownership: Ownership;
  readonly #shards: MysqlShards;
  readonly #clock: Clock;
  #timer: Timer;

  private constructor(shards: MysqlShards, incarnation: string, ownership: Ownership, clock: Clock) {
    this.#shards = shards;
    this.incarnation = incarnation;
    this.ownership = ownership;
    this.#clock = clock;
    this.#timer = this.#beatSoon();
  }

  /** @throws HostsServe when somebody does */
  static async begin(db: OpenMysql, clock: Clock, entropy: Entropy): Promise<Caretaker> {
    const shards = new MysqlShards(db);
    // A claim takes from hosts without the bus, which for a while may be all that there are; they live, and none of them is to lose its shards.
    const before = await shards.view();
    const serving = before.hosts.filter((host) => before.shards.some(({ owner }) => owner === host.incarnation));
    if (serving.length > 0) throw hostsServe(serving);
    const incarnation = entropy.uuid();
    const start = { incarnation, hostId: "doctor --rebuild", weight: 0, minReader: MIN_READER };
    // It needs no bus; but a host without it is one that others may take over.
    await shards.register(start, true);
    const ownership = await shards.claim(ALL, incarnation);
    const caretaker = new Caretaker(shards, incarnation, ownership, clock);
    if (ownership.size === SHARDS) return caretaker;
    const { hosts } = await shards.view();
    await caretaker.end();
    throw hostsServe(hosts.filter((host) => host.incarnation !== incarnation));
  }

  async end(): Promise<void> {
    this.#timer.cancel();
    await this.#shards.release(ALL, this.incarnation);
    await this.#shards.leave(this.incarnation);
  }

  #beatSoon(): Timer {
    return this.#clock.after(BEAT_MS, () => {
      this.#shards.beat(this.incarnation, true).then(
        (atMs) => {
          // Fenced, because it was away for too long: what it does next finds that out by itself.
          if (atMs !== null) this.#timer = this.#beatSoon();
        },
        () => {
          this.#timer = this.#beatSoon();
        },
      );
    });
  }
}

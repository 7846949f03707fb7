/** Owns the second host of flights of the cluster, which runs only while something is measured with two. */
import { assert } from "../../actors/assert.ts";
import { desiredOwner } from "../../actors/ownership/rendezvous.ts";
import type { Cluster } from "../../deploy/cluster/cluster.ts";
import type { Server } from "../../deploy/cluster/server.ts";
import type { Contestant } from "./contestant.ts";
import { asContestant } from "./product.ts";

/** Giving shards finishes what their flights are at. */
const SHARED_OUT_MS_MAX = 30_000;
const LOOK_MS = 100;

interface StoredHost {
  readonly incarnation: string;
  readonly hostId: string;
  readonly weight: number;
  readonly fenced: boolean;
}

export class SecondHost {
  readonly #cluster: Cluster;
  readonly #server: Server;
  readonly #url: string;
  readonly #adminToken: string;

  /**
   * @param cluster with two hosts, of which the first alone was started
   * @param url of an edge
   */
  constructor(cluster: Cluster, url: string, adminToken: string) {
    const [, second] = cluster.actors;
    assert(second !== undefined, "the cluster has a second host");
    this.#cluster = cluster;
    this.#server = second;
    this.#url = url;
    this.#adminToken = adminToken;
  }

  /** Resolves when each of the two owns its share. @returns the cluster as it is then */
  async start(): Promise<Contestant> {
    await this.#server.start();
    await this.#sharedOut();
    return asContestant(this.#cluster, [], "two-hosts");
  }

  /** Resolves when the first owns everything. */
  async stop(): Promise<void> {
    await this.#server.stop();
    await this.#sharedOut();
  }

  async #sharedOut(): Promise<void> {
    const giveUpMs = performance.now() + SHARED_OUT_MS_MAX;
    while (!(await this.#isSharedOut())) {
      if (performance.now() > giveUpMs) throw new Error("the hosts of flights do not come to own their shares");
      await Bun.sleep(LOOK_MS);
    }
  }

  /** Every shard is owned by whoever should. */
  async #isSharedOut(): Promise<boolean> {
    const running = this.#cluster.actors.filter(({ isRunning }) => isRunning).map(({ name }) => name);
    const hosts = await this.#items<StoredHost>("hosts");
    const theirs = hosts.filter(({ hostId, fenced }) => running.includes(hostId) && !fenced);
    if (theirs.length !== running.length) return false;
    const shards = await this.#items<{ shard: number; owner: string | null }>("shards");
    return shards.every(({ shard, owner }) => owner === desiredOwner(shard, theirs));
  }

  async #items<T>(what: "hosts" | "shards"): Promise<readonly T[]> {
    const answer = await fetch(`${this.#url}/api/v1/admin/${what}`, {
      headers: { authorization: `Bearer ${this.#adminToken}` },
    });
    if (!answer.ok) throw new Error(`the ${what} can't be read: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { items: T[] }).items;
  }
}

/** Owns a small model of the database that hosts share: leases, fences and the owners of shards, each transaction in one step. */

import { assert, present } from "../../actors/assert.ts";
import type { Clock } from "../../actors/clock.ts";
import { SHARDS } from "../../actors/domain/ids.ts";
import {
  type ClusterShards,
  type ClusterView,
  type HostStart,
  LEASE_MS,
  type Ownership,
  type ShardOwner,
} from "../../actors/shards.ts";

interface HostRow extends Omit<HostStart, "weight"> {
  weight: number;
  expiresAtMs: number;
  /** Whether the last beat said so. */
  hasBus: boolean;
  isFenced: boolean;
}

export class MemoryShards implements ClusterShards {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #hosts = new Map<string, HostRow>();
  readonly #rows: { epoch: number; owner: string | null }[];

  /** @param clock the database's */
  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
    this.#rows = Array.from({ length: SHARDS }, () => ({ epoch: 0, owner: null }));
  }

  async register(host: HostStart, hasBus: boolean): Promise<void> {
    assert(!this.#hosts.has(host.incarnation), "an incarnation is fresh");
    const expiresAtMs = this.#clock.nowMs() + LEASE_MS;
    this.#hosts.set(host.incarnation, { ...host, hasBus, isFenced: false, expiresAtMs });
  }

  async beat(incarnation: string, hasBus: boolean): Promise<number | null> {
    const host = this.#hosts.get(incarnation);
    if (host === undefined || host.isFenced) return null;
    host.expiresAtMs = this.#clock.nowMs() + LEASE_MS;
    host.hasBus = hasBus;
    return this.#clock.nowMs();
  }

  async view(): Promise<ClusterView> {
    const hosts = [...this.#hosts.values()]
      .filter((host) => this.#isLive(host))
      .map(({ incarnation, hostId, weight, minReader, hasBus }) => ({
        incarnation,
        hostId,
        weight,
        minReader,
        hasBus,
      }));
    return { hosts, shards: this.#rows.map((row, shard) => ({ shard, ...row })) };
  }

  async claim(shards: readonly number[], incarnation: string): Promise<Ownership> {
    const claimed = new Map<number, number>();
    for (const shard of shards) {
      const row = present(this.#rows[shard], "a shard that there is");
      if (!this.#takeAway(row, incarnation)) continue;
      row.owner = incarnation;
      claimed.set(shard, row.epoch);
    }
    return claimed;
  }

  async disown(shards: readonly number[], incarnation: string): Promise<void> {
    for (const shard of shards) {
      const row = present(this.#rows[shard], "a shard that there is");
      if (row.owner !== null && this.#takeAway(row, incarnation)) row.owner = null;
    }
  }

  async release(shards: readonly number[], incarnation: string): Promise<void> {
    for (const shard of shards) {
      const row = present(this.#rows[shard], "a shard that there is");
      if (row.owner !== incarnation) continue;
      row.epoch += 1;
      row.owner = null;
    }
  }

  async withdraw(incarnation: string): Promise<void> {
    const host = this.#hosts.get(incarnation);
    if (host !== undefined) host.weight = 0;
  }

  async leave(incarnation: string): Promise<void> {
    this.#hosts.delete(incarnation);
  }

  async nowMs(): Promise<number> {
    return this.#clock.nowMs();
  }

  /** As it stands at this moment, past everything that a host might be told. */
  row(shard: number): ShardOwner {
    return { shard, ...present(this.#rows[shard], "a shard that there is") };
  }

  /** Whether it stands so at this moment. */
  isOwned(shard: number, owner: string | null, epoch: number): boolean {
    const row = this.#rows[shard];
    return row?.owner === owner && row.epoch === epoch;
  }

  isFenced(incarnation: string): boolean {
    return this.#hosts.get(incarnation)?.isFenced ?? true;
  }

  /** No hosts, and no owners; epochs stay. */
  reset(): void {
    this.#hosts.clear();
    for (const row of this.#rows) row.owner = null;
  }

  /** @returns whether the row is the claimer's to change, under its new epoch */
  #takeAway(row: { epoch: number; readonly owner: string | null }, incarnation: string): boolean {
    const claimer = this.#hosts.get(incarnation);
    if (claimer === undefined || claimer.isFenced || row.owner === incarnation) return false;
    const former = row.owner === null ? undefined : this.#hosts.get(row.owner);
    if (former !== undefined) {
      if (this.#isLive(former) && (former.hasBus || !claimer.hasBus)) return false;
      former.isFenced = true;
    }
    row.epoch += 1;
    return true;
  }

  #isLive({ isFenced, expiresAtMs }: HostRow): boolean {
    return !isFenced && expiresAtMs > this.#clock.nowMs();
  }
}

/** Owns how a process comes to own flights, whether it is the one server of its database or one host of many. */

import { assert } from "./assert.ts";
import type { Bus } from "./bus/bus.ts";
import type { Clock } from "./clock.ts";
import { ClusterClock } from "./cluster-clock.ts";
import type { Entropy } from "./entropy.ts";
import type { FlightHost } from "./flight-host.ts";
import { hostGauges } from "./host-gauges.ts";
import { waitToBeAlone } from "./ownership/alone.ts";
import { HostOwnership } from "./ownership/ownership.ts";
import type { ClusterShards, ServerShards } from "./shards.ts";
import type { Telemetry } from "./telemetry.ts";

/** Who may own shards: the one server of a file, or the hosts that share a database. */
export type Shards =
  | { readonly kind: "server"; readonly store: ServerShards }
  | { readonly kind: "cluster"; readonly store: ClusterShards };

export interface OwnShardsOptions {
  readonly shards: Shards;
  readonly bus: Bus;
  /** Cluster time, where the shards are a cluster's. */
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly telemetry: Telemetry;
  /** The same after a restart, and no other process's. */
  readonly hostId: string;
  /** Share of the shards, against the other hosts'. */
  readonly weight: number;
  readonly makeHost: (incarnation: string) => FlightHost;
  /** No bus leads to other processes: then there must be none. */
  readonly isAlone: boolean;
}

export interface OwnedShards {
  /** What keeps this process from owning its share, in words for an operator; null when nothing does. */
  trouble(): string | null;

  /** Finishes what was taken, and gives the shards back. */
  stop(): Promise<void>;
}

/**
 * Resolves when what is owned at once is served; a cluster's hosts take their share within moments, and again whenever it changes.
 * @throws NotAlone after a lease's time
 */
export async function ownShards(options: OwnShardsOptions): Promise<OwnedShards> {
  const { shards, clock, entropy, telemetry, hostId, makeHost } = options;
  if (shards.kind === "cluster") {
    assert(clock instanceof ClusterClock, "a cluster's hosts go by cluster time");
    if (options.isAlone) await waitToBeAlone(shards.store, clock);
    const ownership = new HostOwnership({ ...options, shards: shards.store, clock });
    await ownership.start();
    return ownership;
  }
  const { store } = shards;
  const incarnation = entropy.uuid();
  const host = makeHost(incarnation);
  hostGauges(telemetry, () => host);
  await host.take(await store.claimAll(incarnation, hostId, clock.nowMs()));
  return {
    trouble: () => null,
    async stop() {
      await host.stop();
      await store.releaseAll(incarnation);
    },
  };
}

/** Owns what a process of each role depends on, and how it is asked whether that is there. */

import type { Bus } from "../../actors/bus/bus.ts";
import type { Shards } from "../../actors/own-shards.ts";
import type { ClusterShards } from "../../actors/shards.ts";
import type { ReadinessCheck } from "./readiness.ts";

/** What was found well counts so long, in milliseconds: balancers ask many times a second. */
const DATABASE_WELL_MS = 500;
const HOSTS_WELL_MS = 2_000;

interface Asked {
  check(): Promise<string | null>;
}

export interface Dependencies {
  readonly store: Asked & { readonly shards: Shards };
  readonly bus: Bus;
  /** Whether NATS is behind the bus. */
  readonly isNats: boolean;
  /** Null: it needs none. */
  readonly redis: Asked | null;
  /** Whether flights are asked here that others own. Those who follow the journal are there before the first host of flights. */
  readonly asksHosts: boolean;
}

export function dependencyChecks({ store, bus, isNats, redis, asksHosts }: Dependencies): ReadinessCheck[] {
  const { shards } = store;
  return [
    { name: "database", dependency: "database", check: () => store.check(), wellMs: DATABASE_WELL_MS },
    { name: "bus", ...(isNats ? { dependency: "nats" } : {}), check: async () => bus.trouble() },
    ...(redis === null ? [] : [{ name: "redis", dependency: "redis" as const, check: () => redis.check() }]),
    ...(asksHosts && shards.kind === "cluster" ? [hostsCheck(shards.store, bus)] : []),
  ];
}

function hostsCheck(shards: ClusterShards, bus: Bus): ReadinessCheck {
  return {
    name: "actors",
    check: async () => {
      // Without one of these nobody knows of hosts: it is named by itself.
      const view = bus.trouble() === null ? await shards.view().catch(() => null) : null;
      if (view === null) return null;
      const owners = new Set(view.shards.map(({ owner }) => owner));
      const living = view.hosts.filter(({ incarnation }) => owners.has(incarnation));
      if (living.some(({ hasBus }) => hasBus)) return null;
      return living.length === 0
        ? "no host of flights lives"
        : "no host of flights has said lately that it reaches the bus";
    },
    wellMs: HOSTS_WELL_MS,
    isUnknownWhenLate: true,
  };
}

/** Owns the product as it is measured: as a cluster over NATS, and as one process on the same MariaDB. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { present } from "../../actors/assert.ts";
import type { FlightPlan } from "../../actors/domain/plan.ts";
import { openMysql } from "../../db/open.ts";
import { Cluster, type Settings } from "../../deploy/cluster/cluster.ts";
import { Server } from "../../deploy/cluster/server.ts";
import { freePort } from "../../deploy/free-port.ts";
import { RUNTIME } from "../../deploy/runtime.ts";
import { publishPlan } from "../../tests/support/given-host.ts";
import { type Contestant, FlightStock } from "./contestant.ts";
import type { Running } from "./running.ts";

const MAIN = join(import.meta.dir, "../../main.ts");

/** Nobody is turned away for anything but seats. */
export const UNLIMITED: Settings = {
  LOG_LEVEL: "warn",
  ADDRESS_LIMITS: "off",
  SEATS_PER_MEMBER: "100000",
  KEYS_PER_MEMBER: "100000",
  KEYS_PER_FLIGHT: "10000000",
  // A run takes longer than a quarter of an hour, and what one part has held shall not end in the midst of another.
  HOLD_TTL_MS: "86400000",
  // A flight that waits for its measurement stays loaded.
  IDLE_MS: "86400000",
};

export interface ProductOptions {
  readonly folder: string;
  readonly signingKey: string;
  /** Further settings of the product. */
  readonly settings?: Settings;
  /** @default main.ts */
  readonly program?: string;
  /** Hosts of flights. @default 1 */
  readonly actors?: number;
}

/** The cluster, not yet started. One edge, so that the edge is compared with the one process that each peer is. */
export function productCluster({ folder, signingKey, settings, program, actors = 1 }: ProductOptions): Cluster {
  return Cluster.make({
    folder,
    host: "127.0.0.1",
    port: 0,
    edges: 1,
    actors,
    settings: {
      ...surroundings(),
      ...UNLIMITED,
      TOKEN_SIGNING_KEY: signingKey,
      EVENTS: "off",
      DRAIN_MS: "0",
      ...settings,
    },
    ...(program === undefined ? {} : { program }),
    print: printTrouble,
  });
}

/** Nothing of the surroundings but what programs need, since there may be settings among it; and the same runtime for product and peers. */
export function surroundings(): Readonly<Record<string, string>> {
  const { PATH = "", HOME = "" } = process.env;
  return { PATH, HOME, ...RUNTIME };
}

/**
 * The processes of the cluster that run now.
 * @param flights ids of the flights that are for holds, in the cluster's database already
 */
export function asContestant(cluster: Cluster, flights: readonly string[], name = "cluster"): Contestant {
  const edge = present(cluster.edges[0], "an edge");
  const own = [...cluster.edges, ...cluster.actors, cluster.workers].filter(({ isRunning }) => isRunning);
  return {
    name,
    title: "PigonAir, edge → NATS → actors",
    kind: "product",
    isDurable: true,
    url: `http://127.0.0.1:${edge.port}`,
    databaseUrl: cluster.databaseUrl,
    claimsTable: "seat_claim",
    pids: pidsOf([...own, cluster.nats]),
    stock: new FlightStock(flights),
    metricsUrls: own.map(({ port }) => `http://127.0.0.1:${port}/metrics`),
    stop: () => cluster.stop(),
  };
}

/** All roles in one process, on a database of its own of the same server. */
export async function startAlone(
  databaseUrl: string,
  plans: readonly FlightPlan[],
  { folder, signingKey, settings }: ProductOptions,
  running: Running,
): Promise<Contestant> {
  await publish(databaseUrl, plans);
  mkdirSync(folder, { recursive: true });
  const port = freePort();
  const server = new Server({
    name: "alone",
    port,
    command: [process.execPath, MAIN],
    env: {
      ...surroundings(),
      ...UNLIMITED,
      TOKEN_SIGNING_KEY: signingKey,
      DATABASE_URL: databaseUrl,
      DATA_DIR: join(folder, "data"),
      HOST: "127.0.0.1",
      PORT: String(port),
      SANDBOX_PORT: "0",
      ...settings,
    },
    folder,
    print: printTrouble,
    isReady: async (at) => (await fetch(`http://127.0.0.1:${at}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok,
  });
  running.add(() => server.stop());
  await server.start();
  return {
    name: "alone",
    title: "PigonAir, one process",
    kind: "product",
    isDurable: true,
    url: `http://127.0.0.1:${port}`,
    databaseUrl,
    claimsTable: "seat_claim",
    pids: pidsOf([server]),
    stock: new FlightStock(plans.map(({ flightId }) => flightId)),
    metricsUrls: [`http://127.0.0.1:${port}/metrics`],
    stop: () => server.stop(),
  };
}

/** Puts flights into the catalogue of a database, whose tables are made when they are missing. */
export async function publish(databaseUrl: string, plans: readonly FlightPlan[]): Promise<void> {
  const db = await openMysql(databaseUrl);
  try {
    for (const plan of plans) await publishPlan(db, plan);
  } finally {
    await db.close();
  }
}

export function pidsOf(servers: readonly Server[]): Record<string, number> {
  return Object.fromEntries(servers.map(({ name, pid }) => [name, present(pid, `${name} runs`)]));
}

const TOLD = new Set<string>();

/** What the product logs as trouble, and what ended that should not have: each kind once, in a line. */
export function printTrouble(name: string, line: string): void {
  const trouble = line.startsWith("ended by itself") ? line : troubleIn(line);
  if (trouble === null || TOLD.has(`${name} ${trouble}`)) return;
  TOLD.add(`${name} ${trouble}`);
  process.stderr.write(`  ${name}: ${trouble}\n`);
}

function troubleIn(line: string): string | null {
  if (!/^\{"level":"(?:warn|error|fatal)"/.test(line)) return null;
  const { level, msg, reason, cause } = JSON.parse(line) as Record<string, unknown>;
  const why = [reason, cause].find((each) => typeof each === "string");
  return `${level}: ${msg}${why === undefined ? "" : ` (${why})`}`;
}

/**
 * Owns the measure of a cluster: durable holds a second by HTTP → NATS → actor → database, everything on this machine, as a share of a
 * route that only checks the token and validates the body; one hot flight against many, two hosts against one, and a lone request.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportPKCS8, generateKeyPair } from "jose";
import { present } from "../actors/assert.ts";
import { openMysql } from "../db/open.ts";
import { Cluster } from "../deploy/cluster/cluster.ts";
import { readSigningKeys } from "../http/accounts/signing-keys.ts";
import { publishPlan } from "../tests/support/given-host.ts";
import { benchPlan, LARGE_PLAN } from "./large-flight.ts";
import {
  load,
  type Measured,
  makeTokens,
  type Pids,
  report,
  startBaseline,
  UNLIMITED,
  type Window,
} from "./support.ts";

const CONNECTIONS = (process.env.CONNECTIONS ?? "1,8,64,256").split(",").map(Number);
const FLIGHTS = 64;
const SEATS = LARGE_PLAN.seats.map(({ seat }) => seat);

const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
const signingKey = await exportPKCS8(privateKey);
const members = await makeTokens(await readSigningKeys(signingKey));
const flights = Array.from({ length: FLIGHTS }, (_, number) => benchPlan(number).flightId);
const hotFlight = benchPlan(FLIGHTS).flightId;
let runs = 0;

async function edgeAlone(connections: number): Promise<Measured> {
  const baseline = await startBaseline();
  const { tokens, url, pid } = baseline;
  const alone = await load(url, connections, { flights: flights.slice(0, 1), tokens, keyPrefix: "b-" }, { edge: pid });
  await baseline.stop();
  return alone;
}

/** A cluster on fresh data, for as long as `measure` takes; then the doctor looks at what is left. */
async function withCluster(hosts: number, measure: (cluster: Cluster, pids: Pids) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "pigonair-bench-"));
  const settings = {
    PATH: process.env.PATH ?? "",
    HOME: process.env.HOME ?? "",
    TOKEN_SIGNING_KEY: signingKey,
    EVENTS: process.env.EVENTS ?? "off",
    ...UNLIMITED,
    ...(process.env.TUNING === undefined ? {} : (JSON.parse(process.env.TUNING) as Record<string, string>)),
  };
  const print = (name: string, line: string): void => {
    if (/"level":"(?:warn|error)"|^ended/.test(line)) console.log(`${name} ${line}`);
  };
  const cluster = await Cluster.make({ folder, host: "127.0.0.1", port: 0, edges: 1, actors: hosts, settings, print });
  try {
    await cluster.start();
    const db = await openMysql(cluster.databaseUrl);
    for (let number = 0; number <= FLIGHTS; number++) await publishPlan(db, benchPlan(number));
    await db.close();
    const watched = [...cluster.edges, ...cluster.actors, cluster.nats, cluster.mariadb];
    await measure(cluster, Object.fromEntries(watched.map(({ name, pid }) => [name, present(pid, "it runs")])));
    const doctor = Bun.spawnSync([process.execPath, join(import.meta.dir, "../main.ts"), "doctor"], {
      env: { ...cluster.settings },
    });
    console.log(doctor.stdout.toString().trim().split("\n").at(-1));
  } finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function edgeOf(cluster: Cluster): string {
  return `http://127.0.0.1:${present(cluster.edges[0], "an edge").port}`;
}

/** One flight has so many seats: a run over it is shorter, and ends before they do. */
const HOT: Window = { warmUpMs: 400, durationMs: 4_000, requestsMax: 18_000 };

function holds(
  url: string,
  connections: number,
  of: readonly string[],
  pids: Pids,
  window?: Window,
): Promise<Measured> {
  const visits = { flights: of, tokens: members, seats: SEATS, keyPrefix: `h${runs++}-` };
  return load(url, connections, visits, pids, window);
}

for (const connections of CONNECTIONS) {
  const alone = await edgeAlone(connections);
  report("the edge alone", connections, alone);
  await withCluster(1, async (cluster, pids) => {
    const url = edgeOf(cluster);
    report(`holds, ${FLIGHTS} flights`, connections, await holds(url, connections, flights, pids), alone);
    report("holds, one hot flight", connections, await holds(url, connections, [hotFlight], pids, HOT), alone);
    const refused = { flights: flights.slice(1, 2), tokens: members, seats: ["1A"], keyPrefix: "r-" };
    report("refusals, one flight", connections, await load(url, connections, refused, pids), alone);
  });
  if (connections < 64) continue;
  await withCluster(2, async (cluster, pids) => {
    const result = await holds(edgeOf(cluster), connections, flights, pids);
    report(`holds, ${FLIGHTS} flights, two hosts`, connections, result, alone);
  });
}
process.exit(0);

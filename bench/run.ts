/** Owns one run: which parts there are, in which order, and what its report is made of. */
import { join } from "node:path";
import { present } from "../actors/assert.ts";
import type { Cluster } from "../deploy/cluster/cluster.ts";
import type { Bench } from "./bench.ts";
import { targetsOf } from "./compare/ratios.ts";
import { cellsOf, compare } from "./compare/rounds.ts";
import { type TunedPeer, tunedPeer } from "./compare/tune.ts";
import { benchFlightId, benchPlan } from "./large-flight.ts";
import type { Options } from "./options.ts";
import { flashSale, salePlan } from "./profiles/flash-sale.ts";
import { funnel, routesOf } from "./profiles/funnel.ts";
import { climb, HOT, type LadderKind, MANY, REFUSED } from "./profiles/ladder.ts";
import { overload } from "./profiles/overload.ts";
import { warmUp } from "./profiles/warm-up.ts";
import { askDoctor, type Verdict } from "./proof/doctor.ts";
import { missingNumbers } from "./report/complete.ts";
import { thisMachine } from "./report/machine.ts";
import type { Comparison, ContestantInfo, Report } from "./report/model.ts";
import { type Contestant, ManyFlights } from "./rig/contestant.ts";
import { freshDatabase } from "./rig/databases.ts";
import { demoDay } from "./rig/demo.ts";
import { adminToken } from "./rig/members.ts";
import { type PeerInfo, peersOf } from "./rig/peers.ts";
import { asContestant, pidsOf, productCluster, publish, startAlone } from "./rig/product.ts";
import { SecondHost } from "./rig/second-host.ts";
import { measureShares } from "./shares/shares.ts";
import { measureTechniques } from "./techniques/techniques.ts";

const PRODUCT = join(import.meta.dir, "techniques/product.ts");
const LADDERS: readonly LadderKind[] = [HOT, MANY, REFUSED];

/** The cluster, and what of its flights each part takes. */
interface Ground {
  readonly cluster: Cluster;
  readonly product: Contestant;
  readonly many: ManyFlights;
  readonly second: SecondHost;
  /** All of them. */
  readonly flights: readonly string[];
}

/** Runs all parts that were asked for. What goes wrong within one is a failure of the report; what keeps a run from beginning is thrown. */
export async function runBench(bench: Bench, options: Options, command: string): Promise<Report> {
  const startedAt = new Date().toISOString();
  const startedMs = performance.now();
  const { parts } = options;
  const { progress } = bench;
  progress.part("Servers");
  const ground = await startGround(bench);
  const { cluster, product, many, second } = ground;
  await warmUp(bench, product, ground.flights);
  const doctor: Verdict[] = [];

  const comparison = parts.has("compare")
    ? await bench.part("compare", "Comparison with the peers", () => comparisonOf(bench, options, ground, doctor))
    : null;
  const shares = parts.has("shares")
    ? await bench.part("shares", "Share of the edge alone", () => measureShares(bench, { product, many, second }))
    : null;
  const overloaded = parts.has("overload")
    ? await bench.part("overload", "Overload ×10", () => overload(bench, product, many))
    : null;
  // These sell the most, and whatever is sold stays in the host's memory: what has targets is measured before.
  const ladders = [];
  for (const kind of LADDERS) {
    if (!parts.has(kind.name)) continue;
    ladders.push(await bench.part(kind.name, `Open loop: ${kind.title}`, () => climb(bench, product, kind, many)));
  }
  const funnelled = parts.has("funnel")
    ? await bench.part("funnel", "The whole funnel, with payments", async () =>
        funnel(bench, product, routesOf(await demoDay(product.url))),
      )
    : null;
  const sale = parts.has("sale") ? await bench.part("sale", "Flash sale", () => flashSale(bench, product)) : null;
  const techniques = parts.has("techniques")
    ? await bench.part("techniques", "Techniques, each left out in turn", () =>
        measureTechniques(bench, { cluster, contestant: product, many }),
      )
    : null;

  await bench.part("doctor", "Doctor", async () => doctor.push(await examined(bench, product)));
  const found = {
    version: 1 as const,
    startedAt,
    tookS: Math.round((performance.now() - startedMs) / 1_000),
    command,
    scale: bench.scale.name,
    seed: bench.seed,
    machine: thisMachine(),
    comparison,
    shares,
    ladders: ladders.filter((ladder) => ladder !== null),
    overload: overloaded,
    sale,
    funnel: funnelled,
    techniques,
    targets: [
      ...(comparison?.targets ?? []),
      ...(shares?.targets ?? []),
      ...(overloaded?.targets ?? []),
      ...(sale?.targets ?? []),
    ],
    doctor,
    parts: bench.parts,
    phases: bench.phases,
    resources: bench.sampler.stop(),
  };
  for (const what of missingNumbers(found)) bench.fail(`missing: ${what}`);
  return { ...found, failures: bench.failures };
}

async function startGround(bench: Bench): Promise<Ground> {
  const { scale, signingKey, folder, progress } = bench;
  const cluster = productCluster({ folder: join(folder, "cluster"), signingKey, program: PRODUCT, actors: 2 });
  bench.running.add(() => cluster.kill());
  await cluster.startServers();
  // One host of flights is compared with the one process that each peer is; another one is measured in its own part alone.
  await cluster.startProcesses(cluster.processes.filter((server) => server !== cluster.actors[1]));
  const all = numbered(0, scale.productFlights + scale.manyFlights);
  await publish(cluster.databaseUrl, [...all.map(benchPlan), salePlan(scale.sale.seats)]);
  const ids = all.map(benchFlightId);
  const product = asContestant(cluster, ids.slice(0, scale.productFlights));
  Object.assign(bench.sharedPids, pidsOf([cluster.mariadb, cluster.redis]));
  bench.sampler.watch({ ...product.pids, ...bench.sharedPids });
  progress.line("MariaDB, NATS, Redis, and the product with an edge, a host of flights and workers");
  return {
    cluster,
    product,
    many: new ManyFlights(ids.slice(scale.productFlights)),
    second: new SecondHost(cluster, product.url, await adminToken(signingKey)),
    flights: ids,
  };
}

async function comparisonOf(
  bench: Bench,
  options: Options,
  { cluster, product }: Ground,
  doctor: Verdict[],
): Promise<Comparison> {
  const { scale, signingKey, folder, progress } = bench;
  const alone = await startAlone(
    await freshDatabase(cluster.databaseUrl, "pigonair_alone"),
    numbered(0, scale.productFlights).map(benchPlan),
    { folder: join(folder, "alone"), signingKey },
    bench.running,
  );
  bench.sampler.watch(alone.pids);
  await warmUp(bench, alone, numbered(0, scale.productFlights).map(benchFlightId));

  const tuned: { info: PeerInfo; peer: TunedPeer }[] = [];
  try {
    for (const info of peersOf(options.peers)) {
      const peer = await bench.part(info.name, `Peer: ${info.title}`, async () => startTuned(bench, info, cluster));
      if (peer !== null) tuned.push({ info, peer });
    }
    const contestants = [product, alone, ...tuned.map(({ peer }) => peer.contestant)];
    const cells = cellsOf(scale.connections);
    progress.part("Rounds");
    const results = await compare(bench, cells, contestants);
    const peers = tuned.map(({ info }) => info);
    return {
      cells,
      contestants: contestants.map((contestant) => infoOf(contestant, tuned)),
      results,
      tunings: tuned.map(({ peer }) => peer.tuning),
      targets: [product, alone].flatMap(({ name }) => targetsOf(name, cells, results, peers)),
    };
  } finally {
    // What comes after is measured without them.
    for (const { peer } of tuned) await peer.contestant.stop();
    await alone.stop();
    doctor.push(await examined(bench, alone));
  }
}

async function startTuned(bench: Bench, info: PeerInfo, cluster: Cluster): Promise<TunedPeer> {
  const { scale, signingKey } = bench;
  const flights = numbered(0, scale.peerFlights).map(benchFlightId);
  const peer = await tunedPeer(bench, info, {
    databaseUrl: await freshDatabase(cluster.databaseUrl, `peer_${info.name.replaceAll("-", "_")}`),
    redisUrl: present(cluster.settings.REDIS_URL, "the cluster has Redis"),
    signingKey,
    flights,
  });
  bench.sampler.watch(peer.contestant.pids);
  await warmUp(bench, peer.contestant, flights);
  return peer;
}

function infoOf(
  { name, title, kind, isDurable }: Contestant,
  tuned: readonly { info: PeerInfo; peer: TunedPeer }[],
): ContestantInfo {
  const own = tuned.find(({ info }) => info.name === name);
  return { name, title, kind, isDurable, pool: own?.peer.tuning.pool ?? null };
}

async function examined(bench: Bench, { name, databaseUrl }: Contestant): Promise<Verdict> {
  const verdict = await askDoctor(name, databaseUrl);
  bench.progress.line(`${name}: ${verdict.said}`);
  if (!verdict.isClean) bench.fail(`the doctor is not content with ${name}: ${verdict.said}`);
  return verdict;
}

function numbered(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => from + at);
}

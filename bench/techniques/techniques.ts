/** Owns what each technique gains: the same cluster with all of them, and with each one left out in turn, round after round. */
import { join } from "node:path";
import { present } from "../../actors/assert.ts";
import type { Cluster } from "../../deploy/cluster/cluster.ts";
import type { Bench } from "../bench.ts";
import { median } from "../compare/rounds.ts";
import { runLoad } from "../load/run.ts";
import type { VisitOrder } from "../load/visits.ts";
import { measureHolds } from "../measure.ts";
import { salePlan } from "../profiles/flash-sale.ts";
import { ms, whole } from "../progress.ts";
import type { Contestant, ManyFlights } from "../rig/contestant.ts";
import { pidsOf } from "../rig/product.ts";

export interface Technique {
  readonly name: string;
  readonly title: string;
  /** How it is left out. */
  readonly without: Readonly<Record<string, string>>;
  /** What it is measured by: holds in this order, or reads of one flight's seat map. */
  readonly load: VisitOrder | "seat-maps";
}

export const TECHNIQUES: readonly Technique[] = [
  { name: "group-commit", title: "group commit", without: { BATCH_MAX: "1" }, load: "in-turn" },
  { name: "gathering", title: "gathering by tick", without: { BENCH_WITHOUT: "gathering" }, load: "spread" },
  { name: "verified-tokens", title: "verified-token cache", without: { VERIFIED_TOKENS_MAX: "0" }, load: "in-turn" },
  { name: "snapshot-reads", title: "snapshot reads", without: { BENCH_WITHOUT: "snapshot-reads" }, load: "seat-maps" },
];

/** Rate and latency of one load with a technique or without it: the medians of the rounds. */
export interface Side {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface TechniqueResult {
  readonly name: string;
  readonly title: string;
  readonly load: Technique["load"];
  readonly connections: number;
  /** How it was left out, as a reader would. */
  readonly how: string;
  readonly on: Side;
  readonly off: Side;
  /** How many times as much with it. */
  readonly gain: number;
}

const ANSWERS_MS_MAX = 30_000;
const LOOK_MS = 50;

const READS = join(import.meta.dir, "../load/reads.ts");

export interface TechniqueGround {
  readonly cluster: Cluster;
  readonly contestant: Contestant;
  readonly many: ManyFlights;
}

export async function measureTechniques(bench: Bench, ground: TechniqueGround): Promise<TechniqueResult[]> {
  const { scale, progress } = bench;
  const on = new Map<string, Side[]>();
  const off = new Map<string, Side[]>();
  for (let round = 0; round < scale.techniqueRounds; round++) {
    await restart(bench, ground, {});
    for (const load of new Set(TECHNIQUES.map((technique) => technique.load))) {
      push(on, load, await bench.phase(`all techniques, ${load}`, () => sideOf(bench, ground, load)));
    }
    for (const { name, load, without } of TECHNIQUES) {
      await restart(bench, ground, without);
      push(off, name, await bench.phase(`without ${name}`, () => sideOf(bench, ground, load)));
    }
    progress.line(`round ${round + 1} of ${scale.techniqueRounds} with each technique left out in turn`);
  }
  await restart(bench, ground, {});
  const connections = Math.max(...scale.connections);
  return TECHNIQUES.map((technique) => {
    const { name, title, load, without } = technique;
    const [with_, without_] = [middle(on.get(load) ?? []), middle(off.get(name) ?? [])];
    const how = Object.entries(without).map(([setting, value]) => `${setting}=${value}`);
    const result = {
      name,
      title,
      load,
      connections,
      how: how.join(" "),
      on: with_,
      off: without_,
      gain: with_.perSecond / without_.perSecond,
    };
    progress.line(
      `${title.padEnd(22)}${whole(with_.perSecond).padStart(8)}/s with it, ${whole(without_.perSecond).padStart(7)}/s without: ${result.gain.toFixed(2)} times; ` +
        `p99 ${ms(with_.p99Ms)} and ${ms(without_.p99Ms)}`,
    );
    return result;
  });
}

/** Edge and actors anew, with other settings; resolves when a flight answers again. */
async function restart(
  bench: Bench,
  { cluster }: TechniqueGround,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  for (const server of [...cluster.edges, ...cluster.actors]) await server.stop();
  await Promise.all([...cluster.actors, ...cluster.edges].map((server) => server.start(settings)));
  bench.sampler.watch(pidsOf([...cluster.edges, ...cluster.actors]));
  const giveUpMs = performance.now() + ANSWERS_MS_MAX;
  while (!(await fetch(seatsUrl(bench, cluster)).catch(() => null))?.ok) {
    if (performance.now() > giveUpMs) throw new Error(`no flight answers with ${JSON.stringify(settings)}`);
    await Bun.sleep(LOOK_MS);
  }
}

/** The seat map of the flash sale's flight. */
function seatsUrl({ scale }: Bench, { edges }: Cluster): string {
  const { port } = present(edges[0], "an edge");
  return `http://127.0.0.1:${port}/api/v1/flights/${salePlan(scale.sale.seats).flightId}/seats`;
}

async function sideOf(bench: Bench, ground: TechniqueGround, load: Technique["load"]): Promise<Side> {
  const { scale } = bench;
  const { cluster, contestant, many } = ground;
  const connections = Math.max(...scale.connections);
  const { windowMs } = scale;
  const warmUpMs = scale.firstWarmUpMs / 2;
  if (load === "seat-maps") {
    const { origin: url, pathname } = new URL(seatsUrl(bench, cluster));
    const read = await runLoad({
      url,
      connections,
      warmUpMs,
      durationMs: windowMs,
      plan: READS,
      options: { path: pathname },
    });
    if (read.acceptedPerSecond === 0) bench.fail(`no seat map was read: ${JSON.stringify(read.byStatus)}`);
    return { perSecond: read.acceptedPerSecond, p50Ms: read.p50Ms, p99Ms: read.p99Ms };
  }
  const measure = await measureHolds(bench, contestant, {
    order: load,
    connections,
    warmUpMs,
    windowMs,
    ...(load === "spread" ? { many } : {}),
  });
  return { perSecond: measure.durablePerSecond, p50Ms: measure.load.p50Ms, p99Ms: measure.load.p99Ms };
}

function middle(sides: readonly Side[]): Side {
  const of = (value: (side: Side) => number): number => median(sides.map(value));
  return {
    perSecond: of(({ perSecond }) => perSecond),
    p50Ms: of(({ p50Ms }) => p50Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
  };
}

function push(sides: Map<string, Side[]>, key: string, side: Side): void {
  sides.set(key, [...(sides.get(key) ?? []), side]);
}

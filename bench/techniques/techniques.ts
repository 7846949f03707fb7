/** Owns what each technique gains: the same cluster with all of them, and with each one left out in turn, round after round. */
import { join } from "node:path";
import type { Cluster } from "../../deploy/cluster/cluster.ts";
import type { Bench } from "../bench.ts";
import { median } from "../compare/rounds.ts";
import { runLoad } from "../load/run.ts";
import type { VisitOrder } from "../load/visits.ts";
import { measureHolds } from "../measure.ts";
import { loadFlights } from "../profiles/warm-up.ts";
import { ms, whole } from "../progress.ts";
import type { Contestant, ManyFlights } from "../rig/contestant.ts";
import { demoDay, ordinaryFlight } from "../rig/demo.ts";
import { pidsOf } from "../rig/product.ts";
import type { Scale } from "../scale.ts";

export interface Technique {
  readonly name: string;
  readonly title: string;
  /** How it is left out. */
  readonly without: Readonly<Record<string, string>>;
  /** What it is measured by: holds in this order, or reads of one flight's seat map. */
  readonly load: VisitOrder | "seat-maps";
  /** Where it matters: at the most connections that the run has, or at the fewest. */
  readonly at: "most" | "fewest";
}

export const TECHNIQUES: readonly Technique[] = [
  { name: "group-commit", title: "group commit", without: { BATCH_MAX: "1" }, load: "in-turn", at: "most" },
  {
    name: "one-round-trip",
    title: "one round trip a commit",
    without: { BENCH_WITHOUT: "one-round-trip" },
    load: "in-turn",
    at: "fewest",
  },
  {
    name: "gathering",
    title: "gathering by tick",
    without: { BENCH_WITHOUT: "gathering" },
    load: "spread",
    at: "most",
  },
  {
    name: "verified-tokens",
    title: "verified-token cache",
    without: { VERIFIED_TOKENS_MAX: "0" },
    load: "in-turn",
    at: "most",
  },
  {
    name: "snapshot-reads",
    title: "snapshot reads",
    without: { BENCH_WITHOUT: "snapshot-reads" },
    load: "seat-maps",
    at: "most",
  },
];

/** What techniques are measured by: those with the same one share the measurement with all techniques. */
type Load = Pick<Technique, "load" | "at">;

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
  const { url } = ground.contestant;
  const seatMapUrl = `${url}/api/v1/flights/${ordinaryFlight(await demoDay(url)).id}/seats`;
  const measure = (load: Load): Promise<Side> => sideOf(bench, ground, load, seatMapUrl);
  const on = new Map<string, Side[]>();
  const off = new Map<string, Side[]>();
  for (let round = 0; round < scale.techniqueRounds; round++) {
    await restart(bench, ground, seatMapUrl, {});
    for (const [name, load] of new Map(TECHNIQUES.map((technique) => [nameOf(technique), technique]))) {
      push(on, name, await bench.phase(`all techniques, ${name}`, () => measure(load)));
    }
    for (const technique of TECHNIQUES) {
      const { name, without } = technique;
      await restart(bench, ground, seatMapUrl, without);
      push(off, name, await bench.phase(`without ${name}`, () => measure(technique)));
    }
    progress.line(`round ${round + 1} of ${scale.techniqueRounds} with each technique left out in turn`);
  }
  await restart(bench, ground, seatMapUrl, {});
  return TECHNIQUES.map((technique) => {
    const { name, title, load, at, without } = technique;
    const [with_, without_] = [middle(on.get(nameOf(technique)) ?? []), middle(off.get(name) ?? [])];
    const how = Object.entries(without).map(([setting, value]) => `${setting}=${value}`);
    const result = {
      name,
      title,
      load,
      connections: connectionsOf(scale, at),
      how: how.join(" "),
      on: with_,
      off: without_,
      gain: with_.perSecond / without_.perSecond,
    };
    progress.line(
      `${title.padEnd(24)}${whole(with_.perSecond).padStart(8)}/s with it, ${whole(without_.perSecond).padStart(7)}/s without: ${result.gain.toFixed(2)} times; ` +
        `p99 ${ms(with_.p99Ms)} and ${ms(without_.p99Ms)}`,
    );
    return result;
  });
}

function nameOf({ load, at }: Load): string {
  return `${load} at the ${at} connections`;
}

function connectionsOf({ connections }: Scale, at: Load["at"]): number {
  return at === "most" ? Math.max(...connections) : Math.min(...connections);
}

/** Edge and actors anew, with other settings; resolves when a flight answers again, and what is hot was compiled as far as for everybody else. */
async function restart(
  bench: Bench,
  { cluster, contestant }: TechniqueGround,
  seatMapUrl: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const { scale } = bench;
  const servers = [...cluster.edges, ...cluster.actors].filter(({ isRunning }) => isRunning);
  for (const server of servers) await server.stop();
  await Promise.all(servers.map((server) => server.start(settings)));
  bench.sampler.watch(pidsOf(servers));
  const giveUpMs = performance.now() + ANSWERS_MS_MAX;
  while (!(await fetch(seatMapUrl).catch(() => null))?.ok) {
    if (performance.now() > giveUpMs) throw new Error(`no flight answers with ${JSON.stringify(settings)}`);
    await Bun.sleep(LOOK_MS);
  }
  const connections = connectionsOf(scale, "most");
  const windowMs = scale.firstWarmUpMs / 2;
  await measureHolds(bench, contestant, { order: "in-turn", connections, warmUpMs: 0, windowMs, mayRefuse: true });
}

async function sideOf(
  bench: Bench,
  { contestant, many }: TechniqueGround,
  { load, at }: Load,
  seatMapUrl: string,
): Promise<Side> {
  const { scale } = bench;
  const connections = connectionsOf(scale, at);
  const { windowMs } = scale;
  const warmUpMs = scale.firstWarmUpMs / 2;
  if (load === "seat-maps") {
    const { origin: url, pathname: path } = new URL(seatMapUrl);
    const loaded = { url, connections, warmUpMs, durationMs: windowMs, plan: READS, options: { path } };
    const read = await runLoad(loaded, bench.watchLoad);
    if (read.acceptedPerSecond === 0) bench.fail(`no seat map was read: ${JSON.stringify(read.byStatus)}`);
    return { perSecond: read.acceptedPerSecond, p50Ms: read.p50Ms, p99Ms: read.p99Ms };
  }
  // The host is new: how long it takes to load flights that have sold all run long is not what is measured.
  if (load === "spread") await loadFlights(bench, contestant, many.flights);
  const measure = await measureHolds(bench, contestant, {
    order: load,
    connections,
    warmUpMs,
    windowMs,
    // With some techniques left out a new host may think for a moment that 256 requests are more than it can answer in time.
    mayRefuse: true,
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

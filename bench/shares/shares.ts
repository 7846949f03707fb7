/**
 * Owns the shares of the edge alone: what the way through NATS, a flight's actor and MariaDB leaves of a route that decides nothing; beside it one
 * hot flight against many, two hosts of flights against one, and a lone request. All take turns, round after round, so that noise hits all alike.
 */
import type { Bench } from "../bench.ts";
import type { Target } from "../compare/ratios.ts";
import { median, turned } from "../compare/rounds.ts";
import type { VisitOrder } from "../load/visits.ts";
import { measureHolds } from "../measure.ts";
import { loadFlights, untilWarm } from "../profiles/warm-up.ts";
import { ms, whole } from "../progress.ts";
import type { Contestant, ManyFlights } from "../rig/contestant.ts";
import type { SecondHost } from "../rig/second-host.ts";
import type { Scale } from "../scale.ts";
import type { StageTime } from "../watch/stages.ts";
import { startEdgeAlone } from "./edge-alone.ts";
import { shareTargets } from "./targets.ts";

const TITLES = {
  "edge-alone": "the edge alone",
  many: "holds of 64 flights",
  hot: "holds of one hot flight",
  taken: "refusals of a seat that is taken",
  "two-hosts": "holds of 64 flights, two hosts",
  lone: "a lone request",
} as const;
export type ContenderName = keyof typeof TITLES;

/** One measurement. */
export interface Sample {
  /** Holds that are in the database; of refusals and of the edge alone all answers. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Holds, warm-up included. */
  readonly acknowledged: number;
  readonly confirmed: number;
  readonly cpuUsByProcess: Readonly<Record<string, number>>;
  /** The edge alone has none. */
  readonly stages: readonly StageTime[];
}

/** One contender at one concurrency: its rounds, and their medians. */
export interface ShareRow extends Pick<Sample, "perSecond" | "p50Ms" | "p99Ms"> {
  readonly contender: ContenderName;
  readonly title: string;
  readonly connections: number;
  readonly rounds: readonly Sample[];
  /** Null: the edge alone was not asked at so many connections. */
  readonly ofEdgeAlone: number | null;
}

export interface Shares {
  readonly rows: readonly ShareRow[];
  readonly targets: readonly Target[];
}

export interface SharesGround {
  readonly product: Contestant;
  readonly many: ManyFlights;
  readonly second: SecondHost;
}

/** Those of a run at which a server has enough to do: with a few connections everybody waits for answers. */
export function shareConnections({ connections }: Scale): readonly number[] {
  return connections.toSorted((a, b) => a - b).slice(-2);
}

export async function measureShares(bench: Bench, ground: SharesGround): Promise<Shares> {
  const { scale, progress } = bench;
  const { rounds, warmUpMs, windowMs } = scale;
  const { product, many } = ground;
  const edge = await startEdgeAlone(bench);
  const holds = async (contestant: Contestant, order: VisitOrder, connections: number): Promise<Sample> => {
    const asked = { order, connections, warmUpMs, windowMs, ...(order === "spread" ? { many } : {}) };
    const { load, proof, stages, cpuUsByProcess, durablePerSecond } = await measureHolds(bench, contestant, asked);
    return {
      perSecond: order === "taken" ? load.ratePerSecond : durablePerSecond,
      p50Ms: load.p50Ms,
      p99Ms: load.p99Ms,
      acknowledged: proof.acknowledged,
      confirmed: proof.confirmed,
      cpuUsByProcess,
      stages,
    };
  };
  const withOneHost = {
    "edge-alone": (connections: number) => edge.measure(connections, warmUpMs, windowMs),
    many: (connections: number) => holds(product, "spread", connections),
    hot: (connections: number) => holds(product, "in-turn", connections),
    taken: (connections: number) => holds(product, "taken", connections),
  };
  const samples = new Samples(bench);
  await warmUpOverMany(bench, product, many);
  try {
    const all = shareConnections(scale);
    for (let round = 0; round < rounds; round++) {
      progress.line(`round ${round + 1} of ${rounds}`);
      for (const connections of all) {
        for (const name of turned(["edge-alone", "many", "hot", "taken"] as const, round)) {
          if (name === "taken" && connections !== Math.max(...all)) continue;
          await samples.take(name, connections, () => withOneHost[name](connections));
        }
      }
      await samples.take("lone", 1, () => holds(product, "in-turn", 1));
      await withTwoHosts(bench, ground, async (two) => {
        for (const connections of all)
          await samples.take("two-hosts", connections, () => holds(two, "spread", connections));
      });
    }
  } finally {
    // What comes after is measured without it.
    await edge.stop();
  }
  const rows = samples.rows();
  return { rows, targets: shareTargets(rows) };
}

/** What was measured, by contender and concurrency. */
class Samples {
  readonly #bench: Bench;
  readonly #all: { readonly contender: ContenderName; readonly connections: number; readonly rounds: Sample[] }[] = [];

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  async take(contender: ContenderName, connections: number, measure: () => Promise<Sample>): Promise<void> {
    const sample = await this.#bench.phase(`shares, ${contender}-${connections}`, measure);
    const known = this.#all.find((each) => each.contender === contender && each.connections === connections);
    if (known === undefined) this.#all.push({ contender, connections, rounds: [sample] });
    else known.rounds.push(sample);
    const { perSecond, p50Ms, p99Ms } = sample;
    this.#bench.progress.line(
      `  ${TITLES[contender].padEnd(32)} ${String(connections).padStart(4)}${whole(perSecond).padStart(8)}/s  p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}`,
    );
  }

  rows(): ShareRow[] {
    const middle = (rounds: readonly Sample[], of: "perSecond" | "p50Ms" | "p99Ms"): number =>
      median(rounds.map((sample) => sample[of]));
    const edgeOf = (connections: number): readonly Sample[] | null =>
      this.#all.find((each) => each.contender === "edge-alone" && each.connections === connections)?.rounds ?? null;
    return this.#all.map(({ contender, connections, rounds }) => {
      const perSecond = middle(rounds, "perSecond");
      const edge = edgeOf(connections);
      return {
        contender,
        title: TITLES[contender],
        connections,
        rounds,
        perSecond,
        p50Ms: middle(rounds, "p50Ms"),
        p99Ms: middle(rounds, "p99Ms"),
        ofEdgeAlone: edge === null ? null : perSecond / middle(edge, "perSecond"),
      };
    });
  }
}

/**
 * What a host does once a batch is compiled last, after some sixty thousand holds. The first one has sold more than that by then; the second has
 * just started, in each round anew.
 */
const SECOND_WARM_UPS = 3;

/** The second host runs for this alone: it takes its share of the flights, becomes as warm as the first, and gives them back. */
async function withTwoHosts(
  bench: Bench,
  { product, many, second }: SharesGround,
  measure: (two: Contestant) => Promise<void>,
): Promise<void> {
  try {
    const two = await second.start();
    bench.sampler.watch(two.pids);
    await bench.phase("loading of two hosts", () => loadFlights(bench, two, many.flights));
    await warmUpOverMany(bench, two, many, 2 * SECOND_WARM_UPS);
    await measure(two);
  } finally {
    await second.stop();
  }
  // Those that came back are loaded again, so that none is while it is measured.
  await bench.phase("loading after two hosts", () =>
    loadFlights(bench, product, [...many.flights, ...product.stock.next(Number.POSITIVE_INFINITY)]),
  );
}

/** @param times as long as one host is warmed up */
async function warmUpOverMany(bench: Bench, contestant: Contestant, many: ManyFlights, times = 1): Promise<void> {
  const { scale } = bench;
  const connections = Math.max(...scale.connections);
  const load = { order: "spread", connections, warmUpMs: 0, windowMs: scale.firstWarmUpMs / 2, many } as const;
  await bench.phase(`warm-up of ${contestant.name} over many flights`, () =>
    untilWarm(scale, async () => (await measureHolds(bench, contestant, load)).proof.acknowledged, times),
  );
}

/** Owns one measurement of holds: the load, its acknowledged holds looked up in the database, and the time of each stage meanwhile. */
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { SEATS } from "./large-flight.ts";
import type { HoldsOptions } from "./load/holds.ts";
import type { LoadResult, OpenLoadResult } from "./load/result.ts";
import { runLoad, runOpenLoad } from "./load/run.ts";
import type { Arrivals } from "./load/schedule.ts";
import type { VisitOrder } from "./load/visits.ts";
import { type Proof, proveDurable } from "./proof/durable.ts";
import type { Contestant, ManyFlights } from "./rig/contestant.ts";
import { readStages, type StageTime, stagesBetween } from "./watch/stages.ts";

const PLAN = join(import.meta.dir, "load/holds.ts");

/** How long whoever writes later may take to write it. */
const LATER_MS_MAX = 30_000;
const LOOK_MS = 500;

/** Flights that one measurement may sell out: more than anybody sells in that time. */
const FLIGHTS_A_MEASUREMENT = 6;

/** Loads of these orders ask for seats that are taken. */
const REFUSING: ReadonlySet<VisitOrder> = new Set(["refused", "taken"]);

/** What the statuses of a load of holds may be. */
const EXPECTED = new Set(["201", "409"]);

export interface HoldsMeasure<Result extends LoadResult = LoadResult> {
  readonly contestant: string;
  readonly connections: number;
  readonly load: Result;
  readonly proof: Proof;
  /** Empty for peers, which have no such metric. */
  readonly stages: readonly StageTime[];
  /** CPU time of each process over the window, in microseconds for each answer: it says little about a load that is far below what there is room for. */
  readonly cpuUsByProcess: Readonly<Record<string, number>>;
  /** Holds a second that were accepted in the window and are in the database. */
  readonly durablePerSecond: number;
}

export interface HoldsLoad {
  readonly order: VisitOrder;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** Instead of the contestant's next flights. */
  readonly many?: ManyFlights;
  /** Where the server may refuse for more than seats. */
  readonly mayRefuse?: boolean;
}

/** Closed loop. */
export function measureHolds(bench: Bench, contestant: Contestant, load: HoldsLoad): Promise<HoldsMeasure> {
  const { connections, warmUpMs, windowMs: durationMs } = load;
  return measured(bench, contestant, load, (options, common) =>
    runLoad({ ...common, connections, warmUpMs, durationMs, options }, bench.watchLoad),
  );
}

/** Open loop. @param load its window is that of the arrivals */
export function measureArrivals(
  bench: Bench,
  contestant: Contestant,
  load: HoldsLoad,
  arrivals: Arrivals,
  patienceMs: number,
): Promise<HoldsMeasure<OpenLoadResult>> {
  const { connections, warmUpMs } = load;
  return measured(bench, contestant, load, (options, common) =>
    runOpenLoad({ ...common, connections, warmUpMs, arrivals, patienceMs, options }, bench.watchLoad),
  );
}

type Common = Pick<Parameters<typeof runLoad>[0], "url" | "plan" | "acksFile" | "watchPids">;

async function measured<Result extends LoadResult>(
  bench: Bench,
  contestant: Contestant,
  { order, connections, many, mayRefuse = false }: HoldsLoad,
  run: (options: HoldsOptions, common: Common) => Promise<Result>,
): Promise<HoldsMeasure<Result>> {
  const { name, url, pids, metricsUrls, stock } = contestant;
  const own = many?.flights ?? stock.next(order === "in-turn" ? FLIGHTS_A_MEASUREMENT : 1);
  const options: HoldsOptions = {
    flights: own,
    seats: SEATS,
    order,
    visitsBefore: many?.visits ?? 0,
    tokens: bench.tokens,
    keyPrefix: bench.keyPrefix(),
  };
  const watched = { ...pids, ...bench.sharedPids };
  const acksFile = bench.file(`acks-of-${name}`);
  const before = await readStages(metricsUrls);
  const load = await run(options, { url, plan: PLAN, acksFile, watchPids: Object.values(watched) });
  const stages = metricsUrls.length === 0 ? [] : stagesBetween(before, await readStages(metricsUrls));
  const proof = await proveSoon(contestant, acksFile, options);
  if (many !== undefined) many.used(load.sent);
  else stock.used(order === "in-turn" ? load.sent : SEATS.length);

  const what = `${name}, ${order} at ${connections} connections`;
  bench.trust(what, proof);
  if (load.acks.unreadable > 0) bench.fail(`${what}: ${load.acks.unreadable} answers with 201 name no reservation`);
  const strange = Object.entries(load.byStatus).filter(([status]) => !EXPECTED.has(status));
  if (strange.length > 0 && !mayRefuse)
    bench.fail(`${what}: answers ${JSON.stringify(Object.fromEntries(strange))} ${JSON.stringify(load.byProblem)}`);
  if (!REFUSING.has(order) && (load.byStatus["409"] ?? 0) > 0)
    bench.fail(`${what}: ${load.byStatus["409"]} holds of free seats were refused`);
  if (load.errors > 0 && !mayRefuse)
    bench.fail(`${what}: ${load.errors} requests without an answer ${JSON.stringify(load.byFailure)}`);
  const share = proof.acknowledged === 0 ? 0 : proof.confirmed / proof.acknowledged;
  const cpuUsByProcess = cpuOf(load, watched);
  return {
    contestant: name,
    connections,
    load,
    proof,
    stages,
    cpuUsByProcess,
    durablePerSecond: load.acceptedPerSecond * share,
  };
}

/** At once; whoever writes later is given time for it. */
async function proveSoon(contestant: Contestant, acksFile: string, options: HoldsOptions): Promise<Proof> {
  const giveUpMs = performance.now() + (contestant.isDurable ? 0 : LATER_MS_MAX);
  for (;;) {
    const proof = await proveDurable(contestant, acksFile, options);
    if (proof.confirmed === proof.acknowledged || performance.now() > giveUpMs) return proof;
    await Bun.sleep(LOOK_MS);
  }
}

/** CPU time of processes by name, and of the load, in microseconds for each answer. */
export function cpuOf({ cpu, requests }: LoadResult, pids: Readonly<Record<string, number>>): Record<string, number> {
  const times = {
    ...Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpu.watched[pid] ?? null])),
    load: cpu.self,
  };
  return Object.fromEntries(
    Object.entries(times).map(([name, time]) => {
      const ms = time === null ? Number.NaN : time.userMs + time.systemMs;
      return [name, requests === 0 ? 0 : Math.round((10_000 * ms) / requests) / 10];
    }),
  );
}

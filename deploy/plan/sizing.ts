/** Owns the answer: how many of each part a sale needs, how full each is at the busiest, and which that can't be multiplied is full first. */

import type { Costs } from "./costs.ts";
import { commandsOf, type Demand, demandOf, loadOf, type Rates } from "./demand.ts";
import type { Sale } from "./sale.ts";

/** One is lost, or restarted, and the other serves. */
const COUNT_MIN = 2;
/** BATCH_MAX and LOGIN_HASHES_MAX as they are by default. */
export const BATCH_MAX = 512;
export const HASHES_OF_AN_EDGE = 2;
/** Beyond so many cores one nats-server was never seen to help. */
const NATS_CORES_MAX = 4;
/** The redo log and the binary log; a server that gathers commits flushes less. */
const FLUSHES_OF_A_COMMIT = 2;

/** What there is one of, whatever it costs. `utilisation` is of the largest that can be had. */
export interface Wall {
  readonly part: "one flight's owner" | "Redis" | "NATS" | "the database's cores" | "the database's flushes";
  readonly utilisation: number;
  readonly why: string;
}

export interface Plan {
  readonly sale: Sale;
  readonly demand: Demand;
  /** The busiest seconds: what everything is sized by. */
  readonly peak: Rates;
  readonly edges: number;
  /** Cores that hash passwords then, over all edges. */
  readonly hashCores: number;
  readonly streamMiB: number;
  readonly hosts: number;
  /** Of each host. */
  readonly commandsPerBatch: number;
  readonly commands: number;
  readonly commits: number;
  readonly flushes: number;
  readonly databaseCores: number;
  readonly redisCores: number;
  readonly natsCores: number;
  /** Fullest first. */
  readonly walls: readonly Wall[];
  readonly firstWall: FirstWall;
}

/** Where a sale that grows ends, in the same flights, with as many edges and hosts as it takes. */
export interface FirstWall extends Pick<Wall, "part" | "why"> {
  /** Of this sale, so many times: 1 and more when it can be had. */
  readonly times: number;
}

/** Beyond so many times this sale nobody asks. */
const TIMES_MAX = 1e12;
/** Halvings of a doubled range: more than a figure on a screen shows. */
const HALVINGS = 40;

export function planFor(sale: Sale, costs: Costs): Plan {
  return { ...sized(sale, costs), firstWall: firstWallOf(sale, costs) };
}

/** By trying larger sales, and not by a straight line: fuller batches need fewer commits for each command. */
function firstWallOf(sale: Sale, costs: Costs): FirstWall {
  const wallAt = (times: number): Wall | undefined =>
    sized({ ...sale, people: sale.people * times, seats: sale.seats * times }, costs).walls[0];
  const isFull = (times: number): boolean => (wallAt(times)?.utilisation ?? 0) > 1;
  let most = 1;
  while (!isFull(most) && most < TIMES_MAX) most *= 2;
  let least = most / 2;
  while (isFull(least)) least /= 2;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (least + most) / 2;
    if (isFull(middle)) most = middle;
    else least = middle;
  }
  const { part = "Redis", why = "" } = wallAt(most) ?? {};
  return { part, why, times: least };
}

function sized(sale: Sale, costs: Costs): Omit<Plan, "firstWall"> {
  const demand = demandOf(sale);
  const loads = [demand.rush, demand.after].map((rates) => ({ rates, load: loadOf(rates, costs) }));
  const most = (of: (each: (typeof loads)[number]) => number): number => Math.max(...loads.map(of));
  const { utilisationMax, databaseCores, databaseIops } = sale;

  const hashCores = most(({ rates }) => (rates.login * costs.passwordHash.ms) / 1_000);
  const edgeLoad = most(({ load }) => load.edge);
  const edges = Math.max(
    COUNT_MIN,
    Math.ceil(edgeLoad / utilisationMax),
    Math.ceil(hashCores / HASHES_OF_AN_EDGE / utilisationMax),
  );

  const commands = most(({ rates }) => commandsOf(rates));
  const laneMax = laneCapacity(costs);
  const actorsLoad = most(({ load }) => load.actors);
  // A command of the hot flight costs its owner's loop what the others do, on average; its lane it has to itself at best.
  const ownerMax = Math.min(laneMax, commands > 0 ? commands / actorsLoad : laneMax);
  const hot = commands * sale.hotShare;
  const hosts = Math.max(COUNT_MIN, hostsFor(commands - hot, hot, ownerMax * utilisationMax));
  const ofEach = commands / hosts;
  const batch = batchAt(ofEach, costs);
  const commits = hosts * (ofEach / batch) + most(({ rates }) => rates.pass);
  const flushes = commits * FLUSHES_OF_A_COMMIT;

  const databaseLoad = most(({ load }) => load.database);
  const redisLoad = most(({ load }) => load.redis);
  const natsLoad = most(({ load }) => load.nats);
  const walls: Wall[] = [
    { part: "one flight's owner", utilisation: hot / ownerMax, why: "a flight has one writer, in one process" },
    { part: "Redis", utilisation: redisLoad, why: "one thread orders joins and passes" },
    { part: "NATS", utilisation: natsLoad / NATS_CORES_MAX, why: `${NATS_CORES_MAX} cores of one server` },
    {
      part: "the database's cores",
      utilisation: databaseLoad / databaseCores,
      why: `${databaseCores} cores of one primary`,
    },
    {
      part: "the database's flushes",
      utilisation: flushes / databaseIops,
      why: `${databaseIops.toLocaleString("en")} a second of one disk`,
    },
  ];
  walls.sort((a, b) => b.utilisation - a.utilisation);
  return {
    sale,
    demand,
    peak: loads.toSorted((a, b) => b.load.edge - a.load.edge)[0]?.rates ?? demand.rush,
    edges,
    hashCores,
    streamMiB: (demand.waiting * costs.stream.bytes) / 1_048_576,
    hosts,
    commandsPerBatch: batch,
    commands,
    commits,
    flushes,
    databaseCores: Math.max(1, Math.ceil(databaseLoad / utilisationMax)),
    redisCores: redisLoad,
    natsCores: natsLoad,
    walls,
  };
}

/** Commands a second of one lane that never rests, its batches full. */
export function laneCapacity({ commit }: Costs): number {
  return (BATCH_MAX * 1_000) / (commit.fixedMs + BATCH_MAX * commit.perCommandMs);
}

/** The busiest flight's host has its even share of the others as well; where that is too much, one host more is all that can be done. */
function hostsFor(rest: number, hot: number, most: number): number {
  const apart = Math.ceil(rest / most) + 1;
  return hot < most ? Math.min(apart, Math.ceil(rest / (most - hot))) : apart;
}

/** How many commands gather while the batch before is on its way: n = rate · (fixed + n · each). */
function batchAt(ratePerSecond: number, { commit }: Costs): number {
  const perMs = ratePerSecond / 1_000;
  const rest = 1 - perMs * commit.perCommandMs;
  return rest <= 0 ? BATCH_MAX : Math.min(BATCH_MAX, Math.max(1, (perMs * commit.fixedMs) / rest));
}

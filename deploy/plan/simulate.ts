/** Owns the trial of a plan: its busiest seconds, request by request, through edges, hashes, Redis, owners of flights and their lanes. */

import { seededRandom } from "../seeded-random.ts";
import type { Costs } from "./costs.ts";
import { COMMANDS, cpuOf, REQUEST_KINDS, type RequestKind } from "./demand.ts";
import { EventQueue } from "./event-queue.ts";
import { BATCH_MAX, HASHES_OF_AN_EDGE, type Plan } from "./sizing.ts";
import { Lane, Meter, type Seen, Station } from "./station.ts";

/** A longer trial shows rarer waits; a larger one only takes longer. */
const SECONDS_MAX = 20;
const REQUESTS_MAX = 400_000;

export const SIMULATED_PARTS = ["edges", "password hashes", "Redis", "owners' loops", "lanes"] as const;
export type SimulatedPart = (typeof SIMULATED_PARTS)[number];

export interface PartSeen extends Seen {
  readonly servers: number;
  /** The share of the trial in which they worked: of all, and of the one that worked most. */
  readonly utilisation: number;
  readonly busiest: number;
}

export interface Trial {
  readonly seconds: number;
  readonly requests: number;
  readonly parts: Readonly<Record<SimulatedPart, PartSeen>>;
  /** Of a hold from its arrival at an edge to its answer. */
  readonly holdMeanS: number;
  readonly holdP99S: number;
  readonly commandsPerBatch: number;
}

export function simulate(plan: Plan, costs: Costs): Trial {
  const { sale, peak } = plan;
  const total = REQUEST_KINDS.reduce((sum, kind) => sum + peak[kind], 0);
  const seconds = Math.min(SECONDS_MAX, REQUESTS_MAX / Math.max(total, 1e-9));
  const queue = new EventQueue();
  const random = seededRandom(sale.seed);
  const meters = Object.fromEntries(SIMULATED_PARTS.map((part) => [part, new Meter(queue)]));
  const meterOf = (part: SimulatedPart): Meter => meters[part] ?? new Meter(queue);
  const stations = (part: SimulatedPart, count: number, servers = 1): Station[] =>
    Array.from({ length: count }, () => new Station(queue, meterOf(part), servers, seconds));
  const edges = stations("edges", plan.edges);
  const hashes = stations("password hashes", plan.edges, HASHES_OF_AN_EDGE);
  const redis = stations("Redis", 1);
  const owners = stations("owners' loops", plan.hosts);
  const { fixedMs, perCommandMs } = costs.commit;
  const lanes = owners.map(
    () => new Lane(queue, meterOf("lanes"), (n) => (fixedMs + n * perCommandMs) / 1_000, BATCH_MAX, seconds),
  );
  const holds = new Meter(queue);

  const arrive = (kind: RequestKind): void => {
    const cameAt = queue.now;
    const cpu = cpuOf(kind, costs);
    const at = Math.floor(random() * plan.edges);
    const host = hostOf(random(), plan);
    if (kind === "hold") holds.come();
    edges[at]?.ask(cpu.edge / 1e6, () => {
      if (kind === "login") hashes[at]?.ask(costs.passwordHash.ms / 1_000, () => {});
      else if (cpu.redis > 0) redis[0]?.ask(cpu.redis / 1e6, () => {});
      else if (COMMANDS.includes(kind)) {
        owners[host]?.ask(cpu.actors / 1e6, () =>
          lanes[host]?.ask(() => {
            if (kind === "hold") holds.go(queue.now - cameAt, queue.now - cameAt);
          }),
        );
      }
    });
  };

  let requests = 0;
  const next = (): void => {
    // Exponential gaps: people come by themselves, and not by agreement.
    const at = queue.now - Math.log(1 - random()) / total;
    if (at > seconds) return;
    queue.plan(at, () => {
      requests += 1;
      arrive(kindAt(random() * total, plan));
      next();
    });
  };
  if (total > 0) next();
  queue.run();

  const seen = (
    part: SimulatedPart,
    all: readonly { readonly utilisation: number }[],
    servers = all.length,
  ): PartSeen => {
    const shares = all.map(({ utilisation }) => utilisation);
    const utilisation = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    return { ...meterOf(part).seen(), servers, utilisation, busiest: Math.max(...shares) };
  };
  const batches = lanes.reduce((sum, lane) => sum + lane.batches, 0);
  const held = holds.seen();
  return {
    seconds,
    requests,
    parts: {
      edges: seen("edges", edges),
      "password hashes": seen("password hashes", hashes, plan.edges * HASHES_OF_AN_EDGE),
      Redis: seen("Redis", redis),
      "owners' loops": seen("owners' loops", owners),
      lanes: seen("lanes", lanes),
    },
    holdMeanS: held.stayMeanS,
    holdP99S: held.waitP99S,
    commandsPerBatch: batches === 0 ? 0 : meterOf("lanes").seen().served / batches,
  };
}

function kindAt(point: number, { peak }: Plan): RequestKind {
  let left = point;
  for (const kind of REQUEST_KINDS) {
    left -= peak[kind];
    if (left < 0) return kind;
  }
  return "page";
}

/** The first host has the busiest flight, and its share of the others. */
function hostOf(point: number, { hosts, sale }: Plan): number {
  const hot = sale.flights === 1 ? 1 : sale.hotShare;
  if (point < hot) return 0;
  return Math.floor(((point - hot) / (1 - hot)) * hosts);
}

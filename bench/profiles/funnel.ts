/** Owns the profile "funnel": search → seat map → hold → payment → ticket, by people who come at a fixed rate; each ticket is looked up afterwards. */
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { inProcess } from "../load/run.ts";
import { ms, whole } from "../progress.ts";
import type { Contestant } from "../rig/contestant.ts";
import { query } from "../rig/databases.ts";
import type { DemoDay } from "../rig/demo.ts";
import type { FunnelOrders, FunnelResult, FunnelRoute } from "./funnel-worker.ts";

export interface FunnelStep {
  readonly peoplePerSecond: number;
  readonly result: FunnelResult;
  /** Tickets that members were told of and the database has. */
  readonly confirmed: number;
}

/** Every route that has a flight on that day, once. */
export function routesOf({ day, flights }: DemoDay): FunnelRoute[] {
  const routes = new Map(
    flights.map(({ origin, destination }) => [`${origin} ${destination}`, { origin, destination, day }] as const),
  );
  return [...routes.values()];
}

const WORKER = join(import.meta.dir, "funnel-worker.ts");

export async function funnel(
  bench: Bench,
  { url, databaseUrl }: Contestant,
  routes: readonly FunnelRoute[],
): Promise<FunnelStep[]> {
  const { scale, seed, progress, tokens } = bench;
  const { peoplePerSecond: rates, durationMs } = scale.funnel;
  return await bench.phase("profile funnel", async () => {
    const all: FunnelStep[] = [];
    for (const ratePerSecond of rates) {
      const orders: FunnelOrders = {
        url,
        connections: 128,
        arrivals: { kind: "poisson", ratePerSecond, durationMs, seed: seed + ratePerSecond },
        seed,
        tokens,
        routes,
        mark: `f${ratePerSecond}`,
      };
      const result = await inProcess<FunnelResult>(WORKER, orders, bench.watchLoad);
      const confirmed = await countTicketed(databaseUrl, result.ticketed);
      bench.trust(`funnel at ${ratePerSecond} people a second`, {
        acknowledged: result.ticketed.length,
        confirmed,
        wrong: [],
      });
      if (result.ways.gaveUp > 0)
        bench.fail(
          `funnel at ${ratePerSecond}/s: ${result.ways.gaveUp} of ${result.ways.came} did not get their ticket ${others(result)}`,
        );
      all.push({ peoplePerSecond: ratePerSecond, result, confirmed });
      const ticket = result.steps.find(({ step }) => step === "ticket")?.latency;
      progress.line(
        `${whole(ratePerSecond).padStart(4)} people/s: ${whole(result.ways.arrived)} of ${whole(result.ways.came)} ticketed in ${ms(result.windowMs)}; ` +
          `checkout → ticket p50 ${ms(ticket?.p50Ms ?? Number.NaN)}, p99 ${ms(ticket?.p99Ms ?? Number.NaN)}`,
      );
    }
    return all;
  });
}

function others({ steps }: FunnelResult): string {
  return JSON.stringify(Object.fromEntries(steps.map(({ step, others }) => [step, others])));
}

/** Reservations of these that are ticketed and have a ticket. */
export async function countTicketed(databaseUrl: string, reservations: readonly string[]): Promise<number> {
  if (reservations.length === 0) return 0;
  const [row] = await query(
    databaseUrl,
    "SELECT COUNT(DISTINCT r.id) AS n FROM reservation r JOIN ticket t ON t.reservation_id = r.id WHERE r.status = 'TICKETED' AND r.id IN (?)",
    [reservations],
  );
  return Number(row?.n);
}

/** Owns the profile "funnel": search → seat map → hold → payment → ticket, by people who come at a fixed rate; each ticket is looked up afterwards. */
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { inProcess } from "../load/run.ts";
import { ms, whole } from "../progress.ts";
import type { Contestant } from "../rig/contestant.ts";
import { query } from "../rig/databases.ts";
import type { FunnelOrders, FunnelResult } from "./funnel-worker.ts";

export interface FunnelStep {
  readonly peoplePerSecond: number;
  readonly result: FunnelResult;
  /** Tickets that members were told of and the database has. */
  readonly confirmed: number;
}

export interface FunnelRoute {
  readonly origin: string;
  readonly destination: string;
  readonly day: string;
}

/** The route and the day of the demo timetable that has the most flights, some days ahead. */
export async function demoRoute(url: string): Promise<FunnelRoute> {
  const day = new Date(Date.now() + DAYS_AHEAD * 86_400_000).toISOString().slice(0, 10);
  const answer = await fetch(`${url}/api/v1/flights?from=${day}&to=${day}&size=100`);
  const { items } = (await answer.json()) as { items: { id: string; origin: string; destination: string }[] };
  const byRoute = Map.groupBy(items, ({ origin, destination }) => `${origin} ${destination}`);
  const [route] = [...byRoute].toSorted(([, a], [, b]) => b.length - a.length);
  if (route === undefined) throw new Error(`no flight of the demo timetable leaves on ${day}`);
  const [origin = "", destination = ""] = route[0].split(" ");
  return { origin, destination, day };
}

const DAYS_AHEAD = 10;

const WORKER = join(import.meta.dir, "funnel-worker.ts");

export async function funnel(
  bench: Bench,
  { url, databaseUrl }: Contestant,
  route: FunnelRoute,
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
        route,
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

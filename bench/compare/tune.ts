/** Owns the search for the size of a peer's pool: those around what it says of itself are measured, larger ones as long as they gain, and the best is kept. */
import type { Bench } from "../bench.ts";
import { measureHolds } from "../measure.ts";
import { whole } from "../progress.ts";
import { type Contestant, FlightStock } from "../rig/contestant.ts";
import { type PeerInfo, type PeerOptions, startPeer } from "../rig/peers.ts";

export interface Tuning {
  readonly peer: string;
  readonly tried: readonly { readonly pool: number; readonly holdsPerSecond: number }[];
  readonly pool: number;
}

/** The server takes 400 connections in all. */
const POOL_MAX = 128;

export interface TunedPeer {
  readonly contestant: Contestant;
  readonly tuning: Tuning;
}

/** The peer with the pool that gave the most holds a second of one hot flight, at the most connections that the run has. */
export async function tunedPeer(bench: Bench, info: PeerInfo, options: PeerOptions): Promise<TunedPeer> {
  const { scale } = bench;
  const connections = Math.max(...scale.connections);
  const stock = new FlightStock(options.flights);
  const tried: { pool: number; holdsPerSecond: number }[] = [];
  let running: { pool: number; contestant: Contestant } | null = null;
  const startWith = async (pool: number): Promise<Contestant> => {
    if (running?.pool === pool) return running.contestant;
    await running?.contestant.stop();
    const contestant = await startPeer(info, pool, stock, options, bench.running);
    running = { pool, contestant };
    return contestant;
  };
  const best = (): number => tried.reduce((so, each) => (each.holdsPerSecond > so.holdsPerSecond ? each : so)).pool;
  const measure = async (pool: number): Promise<void> => {
    const contestant = await startWith(pool);
    const load = {
      order: "in-turn",
      connections,
      warmUpMs: scale.firstWarmUpMs / 4,
      windowMs: scale.tuneWindowMs,
    } as const;
    const { durablePerSecond } = await measureHolds(bench, contestant, load);
    tried.push({ pool, holdsPerSecond: durablePerSecond });
  };
  for (const pool of info.pools) await measure(pool);
  // If the largest one was the best, a larger one may be better.
  for (let next = best() * 2; best() === tried.at(-1)?.pool && next <= POOL_MAX; next *= 2) await measure(next);
  const pool = best();
  const contestant = await startWith(pool);
  const shown = tried.map((each) => `${each.pool}: ${whole(each.holdsPerSecond)}`).join(", ");
  bench.progress.line(`${info.name} pool ${pool} (holds a second by size: ${shown})`);
  return { contestant, tuning: { peer: info.name, tried, pool } };
}

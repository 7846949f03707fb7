/** Owns the edge alone as it is measured beside the product: a process that checks token and body and decides nothing, as warm as everybody else. */
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { benchFlightId, SEATS } from "../large-flight.ts";
import type { HoldsOptions } from "../load/holds.ts";
import { runLoad } from "../load/run.ts";
import { cpuOf } from "../measure.ts";
import { untilWarm } from "../profiles/warm-up.ts";
import { startBaseline } from "../support.ts";
import type { Sample } from "./shares.ts";

const PLAN = join(import.meta.dir, "../load/holds.ts");
const NAME = "edge alone";

export interface EdgeAlone {
  /** Requests as the product is asked, whose members and seats it has as well. */
  measure(connections: number, warmUpMs: number, windowMs: number): Promise<Sample>;
  stop(): Promise<void>;
}

export async function startEdgeAlone(bench: Bench): Promise<EdgeAlone> {
  const { scale, members, progress, running } = bench;
  const { url, pid, tokens, stop } = await startBaseline(members.length, (each) => running.add(each));
  const pids = { [NAME]: pid };
  bench.sampler.watch(pids);

  const loaded = (connections: number, warmUpMs: number, durationMs: number) => {
    const options: HoldsOptions = {
      flights: [benchFlightId(0)],
      seats: SEATS,
      order: "in-turn",
      tokens,
      keyPrefix: bench.keyPrefix(),
    };
    const common = { url, connections, warmUpMs, durationMs, plan: PLAN, options, watchPids: [pid] };
    return runLoad(common, bench.watchLoad);
  };
  const most = Math.max(...scale.connections);
  await bench.phase(`warm-up of the ${NAME}`, () =>
    untilWarm(scale, async () => (await loaded(most, 0, scale.firstWarmUpMs / 2)).requests),
  );
  progress.line(`the ${NAME} is warm`);
  return {
    async measure(connections, warmUpMs, windowMs) {
      const load = await loaded(connections, warmUpMs, windowMs);
      const { requests, errors, byStatus, acceptedPerSecond, p50Ms, p99Ms } = load;
      if (byStatus["201"] !== requests || errors > 0)
        bench.fail(`the ${NAME} at ${connections} connections: ${JSON.stringify(byStatus)}, ${errors} errors`);
      // It keeps nothing, and promises nothing.
      const nothing = { acknowledged: 0, confirmed: 0, stages: [] };
      return { perSecond: acceptedPerSecond, p50Ms, p99Ms, ...nothing, cpuUsByProcess: cpuOf(load, pids) };
    },
    stop,
  };
}

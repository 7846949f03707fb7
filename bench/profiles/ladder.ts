/** Owns the profiles of holds at a rising rate: how latency grows with what is asked, up to what the closed loop has shown to be the most. */
import type { Bench } from "../bench.ts";
import type { OpenLoadResult } from "../load/result.ts";
import type { VisitOrder } from "../load/visits.ts";
import { type HoldsMeasure, measureArrivals, measureHolds } from "../measure.ts";
import { ms, whole } from "../progress.ts";
import type { Contestant, ManyFlights } from "../rig/contestant.ts";

export interface LadderStep {
  /** Of the closed loop's rate. */
  readonly share: number;
  readonly offeredPerSecond: number;
  readonly measure: HoldsMeasure<OpenLoadResult>;
}

export interface Ladder {
  readonly name: string;
  readonly title: string;
  /** Closed loop, as fast as the answers come. */
  readonly peak: HoldsMeasure;
  readonly peakPerSecond: number;
  readonly steps: readonly LadderStep[];
}

export interface LadderKind {
  readonly name: "hot" | "many" | "refused";
  readonly title: string;
  readonly order: VisitOrder;
}

export const HOT: LadderKind = { name: "hot", title: "One hot flight", order: "in-turn" };
export const MANY: LadderKind = { name: "many", title: "64 flights", order: "spread" };
export const REFUSED: LadderKind = { name: "refused", title: "95 % refusals", order: "refused" };

/** How long a request waits for a connection before the generator says that it could not be sent. */
export const PATIENCE_MS = 1_000;

/**
 * A step is longer than a measurement of the closed loop: a schedule has its lulls. And it warms up for longer: what the generator sends
 * late while its open loop is compiled would be charged to the server for the rest of the step.
 */
const STEP_WINDOWS = 1.5;
const STEP_WARM_UPS = 4;

export async function climb(
  bench: Bench,
  contestant: Contestant,
  kind: LadderKind,
  many: ManyFlights,
): Promise<Ladder> {
  const { scale, progress, seed } = bench;
  const { name, title, order } = kind;
  const { warmUpMs, windowMs } = scale;
  const connections = Math.max(...scale.connections);
  const load = { order, connections, warmUpMs, windowMs, ...(order === "spread" ? { many } : {}) };
  return await bench.phase(`profile ${name}`, async () => {
    const peak = await measureHolds(bench, contestant, load);
    const peakPerSecond = peak.load.ratePerSecond;
    progress.line(`${title}: closed loop at ${connections} connections ${whole(peakPerSecond)}/s`);
    const steps: LadderStep[] = [];
    for (const share of scale.ladder) {
      const ratePerSecond = Math.max(1, Math.round(share * peakPerSecond));
      const durationMs = STEP_WARM_UPS * warmUpMs + STEP_WINDOWS * windowMs;
      const arrivals = { kind: "poisson", ratePerSecond, durationMs, seed: seed + steps.length } as const;
      const step = { ...load, warmUpMs: STEP_WARM_UPS * warmUpMs };
      const measure = await measureArrivals(bench, contestant, step, arrivals, PATIENCE_MS);
      steps.push({ share, offeredPerSecond: ratePerSecond, measure });
      const { p50Ms, p99Ms, ratePerSecond: answered, notSent } = measure.load;
      const unsent = notSent > 0 ? `, ${whole(notSent)} not sent` : "";
      progress.line(
        `  ${whole(ratePerSecond).padStart(7)}/s asked, ${whole(answered)}/s answered  p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}${unsent}`,
      );
    }
    return { name, title, peak, peakPerSecond, steps };
  });
}

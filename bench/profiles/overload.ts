/** Owns the profile "overload": ten times what the product can do is asked of it, and what it still does well is compared with half load. */
import type { Bench } from "../bench.ts";
import type { Target } from "../compare/ratios.ts";
import type { OpenLoadResult } from "../load/result.ts";
import { type HoldsMeasure, measureArrivals, measureHolds } from "../measure.ts";
import { ms, whole } from "../progress.ts";
import type { Contestant, ManyFlights } from "../rig/contestant.ts";

export interface Overload {
  readonly connections: number;
  /** Closed loop, the higher one of before and after. */
  readonly peakPerSecond: number;
  readonly half: HoldsMeasure<OpenLoadResult>;
  readonly overloaded: HoldsMeasure<OpenLoadResult>;
  readonly targets: readonly Target[];
}

const TIMES = 10;

/** Somebody who finds every connection busy is turned away at once, as a balancer with a limit does. */
const NO_PATIENCE_MS = 0;

const GOODPUT_AT_LEAST = 0.9;
const P99_TIMES_AT_MOST = 5;

export async function overload(bench: Bench, contestant: Contestant, many: ManyFlights): Promise<Overload> {
  const { scale, progress, seed } = bench;
  const { warmUpMs, overloadMs } = scale;
  const connections = Math.max(...scale.connections);
  const load = { order: "spread", connections, warmUpMs, windowMs: overloadMs / 2, many, mayRefuse: true } as const;
  return await bench.phase("profile overload", async () => {
    const before = await measureHolds(bench, contestant, load);
    const peakBefore = before.durablePerSecond;
    const at = (share: number, durationMs: number) => {
      const arrivals = { kind: "poisson", ratePerSecond: Math.round(share * peakBefore), durationMs, seed } as const;
      return measureArrivals(bench, contestant, load, arrivals, NO_PATIENCE_MS);
    };
    const half = await at(0.5, warmUpMs + overloadMs / 2);
    const overloaded = await at(TIMES, warmUpMs + overloadMs);
    // The higher one counts: what the machine can do must not seem less because something else ran beside it for a moment.
    const after = await measureHolds(bench, contestant, load);
    const peakPerSecond = Math.max(peakBefore, after.durablePerSecond);
    const goodput = overloaded.durablePerSecond / peakPerSecond;
    const p99Times = overloaded.load.accepted.p99Ms / half.load.accepted.p99Ms;
    const { arrivals, notSent } = overloaded.load;
    progress.line(`peak ${whole(peakPerSecond)}/s; half load p99 ${ms(half.load.accepted.p99Ms)}`);
    progress.line(
      `×10: ${whole(overloaded.durablePerSecond)}/s durable (${goodput.toFixed(2)} of the peak), p99 of the accepted ${ms(overloaded.load.accepted.p99Ms)} ` +
        `(${p99Times.toFixed(1)} times); of ${whole(arrivals)} arrivals ${whole(notSent)} found no free connection`,
    );
    const targets: Target[] = [
      {
        what: "overload ×10: goodput",
        atLeast: GOODPUT_AT_LEAST,
        measured: goodput,
        against: "the peak",
        isReached: goodput >= GOODPUT_AT_LEAST,
      },
      {
        what: "overload ×10: p99 at half load, times 5, over p99 of what is accepted",
        atLeast: 1,
        measured: P99_TIMES_AT_MOST / p99Times,
        against: "half load",
        isReached: p99Times < P99_TIMES_AT_MOST,
      },
    ];
    return { connections, peakPerSecond, half, overloaded, targets };
  });
}

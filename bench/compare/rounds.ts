/** Owns the comparison: every contestant under the same load in turn, round after round, so that noise of the machine hits all alike. */
import type { Bench } from "../bench.ts";
import type { VisitOrder } from "../load/visits.ts";
import { type HoldsMeasure, measureHolds } from "../measure.ts";
import { ms, whole } from "../progress.ts";
import type { Contestant } from "../rig/contestant.ts";

/** One kind of load at one concurrency. */
export interface Cell {
  readonly name: string;
  readonly title: string;
  readonly order: VisitOrder;
  readonly connections: number;
}

/** One contestant's measurements in one cell, one for each round. */
export interface CellResult {
  readonly cell: string;
  readonly contestant: string;
  readonly rounds: readonly HoldsMeasure[];
  /** Answers a second in the window: of holds those that are durable, of refusals all; the median of the rounds. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function cellsOf(connections: readonly number[]): Cell[] {
  const most = Math.max(...connections);
  const hot = connections.map((count): Cell => {
    return {
      name: `hot-${count}`,
      title: `one hot flight, ${count} connections`,
      order: "in-turn",
      connections: count,
    };
  });
  const refused: Cell = {
    name: `refused-${most}`,
    title: `95 % refusals, ${most} connections`,
    order: "refused",
    connections: most,
  };
  return [...hot, refused];
}

/** @param contestants in the order of their turns; each round begins with another one */
export async function compare(
  bench: Bench,
  cells: readonly Cell[],
  contestants: readonly Contestant[],
): Promise<CellResult[]> {
  const { scale, progress } = bench;
  const measures = new Map<string, HoldsMeasure[]>();
  for (let round = 0; round < scale.rounds; round++) {
    for (const cell of cells) {
      progress.line(`round ${round + 1} of ${scale.rounds}: ${cell.title}`);
      for (const contestant of turned(contestants, round)) {
        const { warmUpMs, windowMs } = scale;
        const measure = await bench.phase(`${contestant.name}, ${cell.name}`, () =>
          measureHolds(bench, contestant, { ...cell, warmUpMs, windowMs }),
        );
        const all = measures.get(keyOf(cell, contestant)) ?? [];
        measures.set(keyOf(cell, contestant), [...all, measure]);
        const rate = whole(rateOf(cell, measure)).padStart(7);
        progress.line(
          `  ${contestant.name.padEnd(24)}${rate}/s  p50 ${ms(measure.load.p50Ms)}, p99 ${ms(measure.load.p99Ms)}`,
        );
      }
    }
  }
  return cells.flatMap((cell) =>
    contestants.map((contestant) => resultOf(cell, contestant, measures.get(keyOf(cell, contestant)) ?? [])),
  );
}

function resultOf(cell: Cell, { name }: Contestant, rounds: readonly HoldsMeasure[]): CellResult {
  return {
    cell: cell.name,
    contestant: name,
    rounds,
    perSecond: median(rounds.map((measure) => rateOf(cell, measure))),
    p50Ms: median(rounds.map(({ load }) => load.p50Ms)),
    p99Ms: median(rounds.map(({ load }) => load.p99Ms)),
  };
}

function rateOf({ order }: Cell, { load, durablePerSecond }: HoldsMeasure): number {
  return order === "refused" ? load.ratePerSecond : durablePerSecond;
}

function keyOf(cell: Cell, contestant: Contestant): string {
  return `${cell.name} ${contestant.name}`;
}

/** The same in turn, beginning with another one. */
export function turned<T>(all: readonly T[], by: number): readonly T[] {
  const at = by % all.length;
  return [...all.slice(at), ...all.slice(0, at)];
}

/** NaN of nothing: a missing measurement must not look like one. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

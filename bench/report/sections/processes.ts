/** Owns CPU and memory of each process over the whole run. */
import { type Markup, markup } from "../markup.ts";
import type { Report } from "../model.ts";
import { type Line, linePlot, type Stretch } from "../plot/lines.ts";
import { table } from "../table.ts";
import { count } from "../words.ts";

const COLOURS = [
  "var(--s1)",
  "var(--s2)",
  "var(--s3)",
  "var(--s4)",
  "var(--s5)",
  "var(--s6)",
  "var(--q4)",
  "var(--peer)",
];

/** Processes that never did more than this, in cores, are told of in the table alone. */
const QUIET_CORES = 0.08;
const LINES_MAX = 8;
const SAMPLES_MAX = 400;

export function processesSection({ resources, parts }: Report): Markup | null {
  const { atS, processes } = resources;
  if (atS.length === 0) return null;
  const busy = processes
    .map((process) => ({ ...process, sum: sumOf(process.cores), most: maxOf(process.cores) }))
    .filter(({ most }) => most > QUIET_CORES)
    .toSorted((a, b) => b.sum - a.sum)
    .slice(0, LINES_MAX);
  const lines = (of: (process: (typeof busy)[number]) => readonly (number | null)[]): Line[] =>
    busy.map((process, at) => ({
      name: process.name,
      colour: COLOURS[at] ?? "var(--peer)",
      points: thinned(atS, of(process)),
    }));
  // Peers are tuned within the comparison: of parts within each other the outer one is shown.
  const outer = parts.filter(({ fromS, toS }) => !parts.some((other) => other.fromS < fromS && other.toS > toS));
  const stretches: Stretch[] = outer.map(({ name, fromS, toS }) => ({ name, from: fromS, to: toS }));
  const common = { xLabel: "seconds since the begin of the run", width: 1_140, height: 290, stretches };
  return markup`<h2>Processes</h2>
<p>Sampled from outside twice a second. The load generator is a process of its own, made anew for each measurement.</p>
<figure><figcaption>CPU, in cores</figcaption>${linePlot({ ...common, title: "CPU of each process", yLabel: "cores", lines: lines(({ cores }) => cores) })}</figure>
<figure><figcaption>Memory</figcaption>${linePlot({ ...common, title: "memory of each process", yLabel: "MiB", lines: lines(({ memoryMiB }) => memoryMiB) })}</figure>
<details><summary>The numbers</summary>${table(
    ["Process", "CPU on average, cores", "at most", "memory at most, MiB"],
    processes.map(({ name, cores, memoryMiB }) => [
      name,
      (sumOf(cores) / Math.max(1, cores.filter((value) => value !== null).length)).toFixed(2),
      maxOf(cores).toFixed(2),
      count(maxOf(memoryMiB)),
    ]),
  )}</details>`;
}

function sumOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

function maxOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}

/** As many points as a screen can show: each the average of its neighbours. */
function thinned(atS: readonly number[], values: readonly (number | null)[]): (readonly [number, number | null])[] {
  const each = Math.max(1, Math.ceil(atS.length / SAMPLES_MAX));
  const points: (readonly [number, number | null])[] = [];
  for (let from = 0; from < atS.length; from += each) {
    const some = values.slice(from, from + each).filter((value) => value !== null);
    points.push([atS[from] ?? 0, some.length === 0 ? null : sumOf(some) / some.length]);
  }
  return points;
}

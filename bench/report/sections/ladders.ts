/** Owns the open loop's plots: latency against the rate that is asked for, and the time line of one run. */
import type { OpenLoadResult } from "../../load/result.ts";
import type { Ladder } from "../../profiles/ladder.ts";
import { type Markup, markup } from "../markup.ts";
import type { Report } from "../model.ts";
import { type Line, linePlot } from "../plot/lines.ts";
import { numbers } from "../table.ts";
import { count, millis } from "../words.ts";

const PERCENTILES: readonly (readonly [name: string, colour: string, of: (load: OpenLoadResult) => number])[] = [
  ["p50", "var(--q1)", ({ p50Ms }) => p50Ms],
  ["p90", "var(--q2)", ({ p90Ms }) => p90Ms],
  ["p99", "var(--q3)", ({ p99Ms }) => p99Ms],
  ["p99.9", "var(--q4)", ({ p999Ms }) => p999Ms],
];

export function laddersSection({ ladders }: Report): Markup | null {
  if (ladders.length === 0) return null;
  return markup`<h2>Latency against rate</h2>
<p>Open loop: requests are sent by a schedule that was made beforehand, as people come who don't know of each other, and a latency counts from when its request was meant to be sent, whether or
not the ones before it were answered. Shares are of what the closed loop does at its most.</p>
<div class="grid2">${ladders.map(
    (ladder) =>
      markup`<figure><figcaption>${ladder.title}</figcaption>${linePlot({
        title: `${ladder.title}: latency against rate`,
        xLabel: "requests a second that are asked for",
        yLabel: "ms, from when each was meant to be sent",
        isLogY: true,
        hasDots: true,
        lines: linesOf(ladder),
      })}</figure>`,
  )}</div>
${numbers(
  [
    "Profile",
    "share of the peak",
    "asked a second",
    "answered",
    "not sent",
    "p50",
    "p90",
    "p99",
    "p99.9",
    "max",
    "sent late by, p99",
  ],
  ladders.flatMap(({ title, steps }) =>
    steps.map(({ share, offeredPerSecond, measure: { load } }) => [
      title,
      share.toFixed(2),
      count(offeredPerSecond),
      count(load.requests),
      count(load.notSent),
      ...[load.p50Ms, load.p90Ms, load.p99Ms, load.p999Ms, load.maxMs, load.lateness.p99Ms].map(millis),
    ]),
  ),
)}`;
}

function linesOf({ steps }: Ladder): Line[] {
  return PERCENTILES.map(([name, colour, of]) => ({
    name,
    colour,
    points: steps.map(({ offeredPerSecond, measure }) => [offeredPerSecond, of(measure.load)] as const),
  }));
}

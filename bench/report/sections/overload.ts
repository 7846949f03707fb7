/** Owns the overload: its time line, second by second. */
import { type Markup, markup } from "../markup.ts";
import type { Report } from "../model.ts";
import { linePlot } from "../plot/lines.ts";
import { count, millis } from "../words.ts";

export function overloadSection({ overload }: Report): Markup | null {
  if (overload === null) return null;
  const { peakPerSecond, half, overloaded, connections } = overload;
  const { load, durablePerSecond, proof } = overloaded;
  // The last second is cut off by the end of the schedule.
  const whole = load.seconds.slice(0, Math.max(1, Math.floor(load.windowMs / 1_000)));
  return markup`<h2>Ten times too many</h2>
<p>${count((1_000 * load.arrivals) / load.windowMs)} requests a second are asked for, ten times the peak, over ${connections} connections; whoever finds all of them busy is turned away at once, as by a balancer with a limit, and counts as not
sent: ${count(load.notSent)} of ${count(load.arrivals)}. What is accepted stays: ${count(durablePerSecond)} durable holds a second against a peak of ${count(peakPerSecond)}; ${count(proof.acknowledged)} were acknowledged,
${count(proof.confirmed)} are in the database. The p99 of what is accepted is ${millis(load.accepted.p99Ms)}; at half load it is ${millis(half.load.accepted.p99Ms)}.</p>
<div class="grid2"><figure><figcaption>Holds by second</figcaption>${linePlot({
    title: "holds by second",
    xLabel: "second of the run",
    yLabel: "a second",
    hasDots: true,
    lines: [
      { name: "accepted", colour: "var(--own)", points: whole.map(({ second, accepted }) => [second, accepted]) },
      { name: "refused", colour: "var(--rival)", points: whole.map(({ second, refused }) => [second, refused]) },
      {
        name: "the peak",
        colour: "var(--peer)",
        isDashed: true,
        points: whole.map(({ second }) => [second, peakPerSecond]),
      },
    ],
  })}</figure>
<figure><figcaption>Latency by second</figcaption>${linePlot({
    title: "latency by second",
    xLabel: "second of the run",
    yLabel: "ms",
    hasDots: true,
    lines: [
      { name: "p50", colour: "var(--q1)", points: whole.map(({ second, p50Ms }) => [second, p50Ms]) },
      { name: "p99", colour: "var(--q3)", points: whole.map(({ second, p99Ms }) => [second, p99Ms]) },
    ],
  })}</figure></div>`;
}

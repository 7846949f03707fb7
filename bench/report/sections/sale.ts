/** Owns the flash sale and the funnel: people who take several steps. */
import type { StepResult } from "../../load/steps.ts";
import { silentWords } from "../../profiles/order.ts";
import { type Markup, markup } from "../markup.ts";
import type { Report } from "../model.ts";
import { linePlot } from "../plot/lines.ts";
import { table } from "../table.ts";
import { count, millis } from "../words.ts";

export function saleSection({ sale }: Report): Markup | null {
  if (sale === null) return null;
  const { seats, people, result } = sale;
  const { joins, line, passedOver, soldOutAfterMs, steps } = result;
  const at = (of: (moment: (typeof line)[number]) => number) =>
    line.map((moment) => [moment.second, of(moment)] as const);
  return markup`<h2>The flash sale</h2>
<p>${count(people)} people come within one second for ${count(seats)} seats. Each joins the waiting room with a token that the edge has never seen; whoever is called comes to the door, holds a seat with the pass, and pays at
the sandbox. Sold out ${soldOutAfterMs === null ? "never" : `after ${millis(soldOutAfterMs)}`}. Joins, from when each was meant: p50 ${millis(joins.p50Ms)}, p99 ${millis(joins.p99Ms)}. Of those at the door the
line passed over ${count(passedOver.present)} while they stood there, and ${silentWords(passedOver)}.</p>
<div class="grid2"><figure><figcaption>The line</figcaption>${linePlot({
    title: "people in the line over time",
    xLabel: "seconds since the opening",
    yLabel: "people",
    lines: [
      { name: "joined", colour: "var(--q2)", points: at(({ joined }) => joined) },
      { name: "called", colour: "var(--rival)", points: at(({ admitted }) => admitted) },
    ],
  })}</figure>
<figure><figcaption>The seats</figcaption>${linePlot({
    title: "seats sold over time",
    xLabel: "seconds since the opening",
    yLabel: "seats",
    lines: [
      { name: "held", colour: "var(--own)", points: at(({ held }) => held) },
      { name: "paid", colour: "var(--own2)", points: at(({ paid }) => paid) },
    ],
  })}</figure></div>
${stepTable(steps)}`;
}

export function funnelSection({ funnel }: Report): Markup | null {
  if (funnel === null) return null;
  return markup`<h2>The whole funnel, with payments</h2>
<p>Search, seat map, hold, payment at the sandbox, ticket. People come by a schedule, and each takes one of all routes of a day of the demo timetable; a search counts from when its person was meant to come, a ticket from the checkout.</p>
${funnel.map(
  ({ peoplePerSecond, result, confirmed }) =>
    markup`<h3>${count(peoplePerSecond)} people a second: ${count(confirmed)} of ${count(result.ways.came)} have their ticket, as the database says</h3>${stepTable(result.steps)}`,
)}`;
}

function stepTable(steps: readonly StepResult[]): Markup {
  return table(
    ["Step", "went well", "p50", "p90", "p99", "p99.9", "otherwise"],
    steps.map(({ step, ok, latency, others }) => [
      step,
      count(ok),
      ...(ok === 0 ? ["", "", "", ""] : [latency.p50Ms, latency.p90Ms, latency.p99Ms, latency.p999Ms].map(millis)),
      Object.entries(others)
        .map(([how, times]) => `${how}: ${count(times)}`)
        .join(", "),
    ]),
  );
}

/** Owns the head of the page: what was found, in a glance, and whether it can be believed. */
import type { Target } from "../../compare/ratios.ts";
import { type Markup, markup } from "../markup.ts";
import type { Report } from "../model.ts";
import { table } from "../table.ts";
import { count, figure, millis, times } from "../words.ts";

export function summarySection(report: Report): Markup {
  const { startedAt, machine, targets, doctor, failures, scale, command } = report;
  const reached = targets.filter(({ isReached }) => isReached).length;
  const isClean = doctor.length > 0 && doctor.every((verdict) => verdict.isClean);
  const quick =
    scale === "quick"
      ? markup`<p class="no">A quick run: it shows that everything works, and nothing of how fast it is.</p>`
      : null;
  return markup`<h1>How fast PigonAir sells, and what it keeps while it does</h1>
<p class="soft">${startedAt.slice(0, 16).replace("T", " ")} UTC · ${machine.cores} cores, ${machine.cpu}, everything on this one machine, the load as well · <code>${command}</code></p>
${quick}
<div class="tiles">${tiles(report).map(tileOf)}
${tileOf({ value: `${reached} of ${targets.length}`, what: "targets reached", tone: reached === targets.length ? "yes" : "no" })}
${tileOf({ value: isClean ? "clean" : "not clean", what: "doctor, after everything", tone: isClean ? "yes" : "no" })}</div>
${failures.length > 0 ? markup`<div class="failures"><h3 class="no">This run has failed</h3><ul>${failures.map((failure) => markup`<li>${failure}</li>`)}</ul></div>` : markup`<p>Every hold that was acknowledged was looked up in the database afterwards, one by one, with its seat. <span class="yes">None is missing.</span></p>`}
${targetTable(targets)}`;
}

interface Tile {
  readonly value: string;
  readonly what: string;
  readonly tone?: "yes" | "no";
}

function tileOf({ value, what, tone }: Tile): Markup {
  return markup`<div class="tile"><b${tone === undefined ? "" : markup` class="${tone}"`}>${value}</b><span>${what}</span></div>`;
}

function tiles({ comparison, targets, sale, overload }: Report): Tile[] {
  const most = Math.max(0, ...(comparison?.cells ?? []).map(({ connections }) => connections));
  const hot = comparison?.results.find(({ cell, contestant }) => cell === `hot-${most}` && contestant === "cluster");
  const ratio = targets.find(
    ({ what, against }) => what.startsWith("cluster: one hot flight, 256") && against !== "flight-lock",
  );
  return [
    ...(hot === undefined
      ? []
      : [
          {
            value: count(hot.perSecond),
            what: `durable holds a second of one hot flight, ${most} connections, p99 ${millis(hot.p99Ms)}`,
          },
        ]),
    ...(ratio === undefined
      ? []
      : [{ value: times(ratio.measured), what: `the best durable peer (${ratio.against}) there` }]),
    ...(sale === null || sale.result.soldOutAfterMs === null
      ? []
      : [
          {
            value: millis(sale.result.soldOutAfterMs),
            what: `to sell ${count(sale.seats)} seats to ${count(sale.people)} people, in order, paid`,
          },
        ]),
    ...(overload === null
      ? []
      : [{ value: count(overload.overloaded.durablePerSecond), what: "durable holds a second at ten times the load" }]),
  ];
}

function targetTable(targets: readonly Target[]): Markup | null {
  if (targets.length === 0) return null;
  return table(
    // What matters most comes first: a phone shows no more than three columns at once.
    ["What was asked for", "", "measured", "wanted", "against"],
    targets.map(({ what, against, atLeast, measured, isReached }) => [
      what,
      isReached ? markup`<span class="yes">reached</span>` : markup`<span class="no">not reached</span>`,
      figure(measured),
      figure(atLeast),
      against,
    ]),
  );
}

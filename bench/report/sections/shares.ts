/** Owns the shares of the edge alone: what is kept of a route that decides nothing, and the hops of a lone request. */
import type { ShareRow } from "../../shares/shares.ts";
import { type Lone, loneOf, loneWords } from "../lone.ts";
import { type Markup, markup } from "../markup.ts";
import type { Report } from "../model.ts";
import { type Bar, barPlot } from "../plot/bars.ts";
import { numbers, table } from "../table.ts";
import { count, cpuWords, millis } from "../words.ts";

export function sharesSection({ shares }: Report): Markup | null {
  if (shares === null) return null;
  const { rows } = shares;
  const concurrencies = [
    ...new Set(rows.filter(({ ofEdgeAlone }) => ofEdgeAlone !== null).map((row) => row.connections)),
  ];
  const lone = loneOf(shares);
  return markup`<h2>Share of the edge alone</h2>
<p>The edge alone is a route of the same HTTP library that checks the token and the body and answers at once. A hold goes on through NATS to a flight's actor, and is answered when
MariaDB has it on disk; a share says what is left of the edge's rate. All take turns, round after round, and a bar is the median of its rounds.</p>
<div class="grid2">${concurrencies.map((connections) => {
    const title = `${connections} connections`;
    return markup`<figure><figcaption>${title}</figcaption>${barPlot(title, barsOf(rows, connections), 216)}</figure>`;
  })}</div>
${numbers(
  [
    "What",
    "connections",
    "a second",
    "of the edge alone",
    "p50",
    "p99",
    "acknowledged",
    "confirmed",
    "rounds, a second",
    "CPU µs an answer",
  ],
  rows.map(rowOf),
)}
${lone === null ? null : loneTable(lone)}`;
}

function barsOf(rows: readonly ShareRow[], connections: number): Bar[] {
  return rows
    .filter((row) => row.connections === connections)
    .map(({ contender, title, perSecond, ofEdgeAlone }) => {
      const isEdge = contender === "edge-alone";
      return {
        label: title,
        value: perSecond,
        text: `${count(perSecond)}/s${isEdge || ofEdgeAlone === null ? "" : `  ${ofEdgeAlone.toFixed(2)}`}`,
        colour: isEdge ? "var(--peer)" : "var(--own)",
        isStrong: !isEdge,
      };
    });
}

function rowOf({ title, connections, perSecond, p50Ms, p99Ms, rounds, ofEdgeAlone }: ShareRow): string[] {
  const sum = (of: "acknowledged" | "confirmed"): string => count(rounds.reduce((so, sample) => so + sample[of], 0));
  return [
    title,
    count(connections),
    count(perSecond),
    ofEdgeAlone === null ? "" : ofEdgeAlone.toFixed(3),
    millis(p50Ms),
    millis(p99Ms),
    sum("acknowledged"),
    sum("confirmed"),
    rounds.map((sample) => count(sample.perSecond)).join(" · "),
    cpuWords(rounds[Math.floor(rounds.length / 2)]?.cpuUsByProcess ?? {}),
  ];
}

function loneTable(lone: Lone): Markup {
  return markup`<h3>A lone request, hop by hop</h3>
<p>${loneWords(lone)}</p>
${table(
  ["Hop", "stage", "on average"],
  lone.hops.map(({ hop, stage, meanMs }) => [hop, stage, meanMs === null ? "" : millis(meanMs)]),
)}`;
}

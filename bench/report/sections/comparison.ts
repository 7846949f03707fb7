/** Owns the comparison with the peers: a plot for each kind of load, and all numbers behind it. */
import type { CellResult } from "../../compare/rounds.ts";
import { type Markup, markup } from "../markup.ts";
import type { Comparison, ContestantInfo, Report } from "../model.ts";
import { type Bar, barPlot, legend } from "../plot/bars.ts";
import { numbers, table } from "../table.ts";
import { count, cpuWords, millis, times } from "../words.ts";

export function comparisonSection({ comparison, command }: Report): Markup | null {
  if (comparison === null) return null;
  const { cells, contestants, results, tunings } = comparison;
  const rounds = Math.max(...results.map((result) => result.rounds.length));
  return markup`<h2>Beside the designs with locks</h2>
<p>The same HTTP layer, token, body and idempotency key; the same MariaDB, in the same run (<code>${command}</code>). Contestants take turns in each of ${rounds} rounds, and a bar is
the median of its rounds. Holds count when they are in the database; of 95 % refusals every answer counts.</p>
${legend([
  { name: "PigonAir", colour: "var(--own)" },
  { name: "the best peer that is durable at its answer", colour: "var(--rival)" },
  { name: "other peers", colour: "var(--peer)" },
])}
<div class="grid2">${cells.map(({ name, title }) => {
    const own = results.filter(({ cell }) => cell === name);
    return markup`<figure><figcaption>${capital(title)}</figcaption>${barPlot(title, barsOf(own, contestants))}</figure>`;
  })}</div>
${numbers(
  ["Load, contestant", "a second", "p50", "p99", "acknowledged", "confirmed", "rounds, a second", "CPU µs an answer"],
  results.map((result) => rowOf(result, comparison)),
)}
<details><summary>Pools of the peers, as the bench found them</summary>${table(
    ["Peer", "pool", "holds a second by size"],
    tunings.map(({ peer, pool, tried }) => [
      peer,
      String(pool),
      tried.map((each) => `${each.pool}: ${count(each.holdsPerSecond)}`).join(" · "),
    ]),
  )}</details>`;
}

/** The fastest first; beside each, how many times as much as the best durable peer it does. */
function barsOf(results: readonly CellResult[], contestants: readonly ContestantInfo[]): Bar[] {
  const infoOf = (name: string): ContestantInfo | undefined => contestants.find((info) => info.name === name);
  const durable = results.filter(
    ({ contestant }) => infoOf(contestant)?.kind === "peer" && infoOf(contestant)?.isDurable === true,
  );
  const best = durable.toSorted((a, b) => b.perSecond - a.perSecond)[0];
  return results
    .toSorted((a, b) => b.perSecond - a.perSecond)
    .map(({ contestant, perSecond }) => {
      const info = infoOf(contestant);
      const isOwn = info?.kind === "product";
      const isBest = contestant === best?.contestant;
      const ratio = best === undefined || isBest ? "" : `  ${times(perSecond / best.perSecond)}`;
      return {
        label: (isOwn ? `PigonAir, ${contestant}` : contestant) + (info?.isDurable === false ? " (not durable)" : ""),
        value: perSecond,
        text: `${count(perSecond)}/s${ratio}`,
        colour: isOwn ? "var(--own)" : isBest ? "var(--rival)" : "var(--peer)",
        isStrong: isOwn,
      };
    });
}

function rowOf({ cell, contestant, perSecond, p50Ms, p99Ms, rounds }: CellResult, { cells }: Comparison): string[] {
  const sum = (of: "acknowledged" | "confirmed"): string => count(rounds.reduce((so, { proof }) => so + proof[of], 0));
  const isRefused = cells.find(({ name }) => name === cell)?.order === "refused";
  return [
    `${cell}, ${contestant}`,
    count(perSecond),
    millis(p50Ms),
    millis(p99Ms),
    sum("acknowledged"),
    sum("confirmed"),
    rounds.map(({ load, durablePerSecond }) => count(isRefused ? load.ratePerSecond : durablePerSecond)).join(" · "),
    cpuWords(rounds[Math.floor(rounds.length / 2)]?.cpuUsByProcess ?? {}),
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Owns what each technique gained, with it and without it. */
import { type Markup, markup } from "../markup.ts";
import type { Report } from "../model.ts";
import { barPlot } from "../plot/bars.ts";
import { numbers } from "../table.ts";
import { count, LOADS, millis, times } from "../words.ts";

export function techniquesSection({ techniques }: Report): Markup | null {
  if (techniques === null) return null;
  return markup`<h2>What each technique gains</h2>
<p>The same cluster on the same machine, with all techniques and with one of them left out in turn, round after round.</p>
<div class="grid2">${techniques.map(
    ({ title, load, connections, on, off, gain }) =>
      markup`<figure><figcaption>${title}: ${times(gain)} <span class="soft">${LOADS[load]}, ${connections} connections</span></figcaption>${barPlot(
        title,
        [
          {
            label: "with it",
            value: on.perSecond,
            text: `${count(on.perSecond)}/s, p99 ${millis(on.p99Ms)}`,
            colour: "var(--own)",
            isStrong: true,
          },
          {
            label: "without it",
            value: off.perSecond,
            text: `${count(off.perSecond)}/s, p99 ${millis(off.p99Ms)}`,
            colour: "var(--peer)",
          },
        ],
        80,
      )}</figure>`,
  )}</div>
${numbers(
  ["Technique", "how it was left out", "with it", "without it", "gain", "p99 with", "p99 without"],
  techniques.map(({ title, how, on, off, gain }) => [
    title,
    markup`<code>${how}</code>`,
    `${count(on.perSecond)}/s`,
    `${count(off.perSecond)}/s`,
    times(gain),
    millis(on.p99Ms),
    millis(off.p99Ms),
  ]),
)}`;
}

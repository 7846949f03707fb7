/** Owns plots of bars: one value a row, or the parts that a row's value is made of. */
import { type Markup, markup } from "../markup.ts";

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What stands beside the bar. */
  readonly text: string;
  readonly colour: string;
  readonly isStrong?: boolean;
}

const ROW = 22;
const BAR = 14;

/** What stands beside a bar: its distance, and the width of a bold figure. */
const GAP = 6;
const FIGURE = 7.5;
const TEXT_MIN = 114;

/** @param labelWidth room for the names of the rows */
export function barPlot(title: string, bars: readonly Bar[], labelWidth = 168, width = 560): Markup {
  const max = Math.max(...bars.map(({ value }) => value), 1e-9);
  const textWidth = Math.max(TEXT_MIN, ...bars.map(({ text }) => FIGURE * text.length));
  const room = width - labelWidth - GAP - textWidth;
  const rows = bars.map(({ label, value, text, colour, isStrong = false }, at) => {
    const y = at * ROW + 4;
    const length = Math.max(1, (room * value) / max);
    return markup`<text class="${isStrong ? "row strong" : "row"}" x="${labelWidth - 8}" y="${y + BAR / 2}" dy="4" text-anchor="end">${label}</text>
<rect x="${labelWidth}" y="${y}" width="${Math.round(length * 10) / 10}" height="${BAR}" rx="2" fill="${colour}"><title>${label}: ${text}</title></rect>
<text class="${isStrong ? "value strong" : "value"}" x="${labelWidth + length + GAP}" y="${y + BAR / 2}" dy="4">${text}</text>`;
  });
  return markup`<svg viewBox="0 0 ${width} ${bars.length * ROW + 4}" role="img" aria-label="${title}">${rows}</svg>`;
}

export interface Stack {
  readonly label: string;
  readonly parts: readonly { readonly name: string; readonly value: number; readonly colour: string }[];
  readonly text: string;
}

export function stackPlot(title: string, stacks: readonly Stack[], labelWidth = 168, width = 1_140): Markup {
  const sums = stacks.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const room = width - labelWidth - 120;
  const max = Math.max(...sums, 1e-9);
  const rows = stacks.map(({ label, parts, text }, row) => {
    const y = row * (ROW + 6) + 4;
    let x = labelWidth;
    const drawn = parts.map(({ name, value, colour }) => {
      const length = (room * value) / max;
      const at = x;
      x += length;
      return markup`<rect x="${at.toFixed(1)}" y="${y}" width="${Math.max(0, length - 1).toFixed(1)}" height="${BAR + 4}" fill="${colour}"><title>${name}: ${value.toFixed(3)} ms</title></rect>`;
    });
    return markup`<text class="row" x="${labelWidth - 8}" y="${y + BAR / 2 + 2}" dy="4" text-anchor="end">${label}</text>${drawn}<text class="value" x="${(x + 6).toFixed(1)}" y="${y + BAR / 2 + 2}" dy="4">${text}</text>`;
  });
  return markup`<svg viewBox="0 0 ${width} ${stacks.length * (ROW + 6) + 4}" role="img" aria-label="${title}">${rows}</svg>`;
}

/** What the colours of a plot mean. */
export function legend(entries: readonly { readonly name: string; readonly colour: string }[]): Markup {
  return markup`<p class="legend">${entries.map(({ name, colour }) => markup`<span><i style="background:${colour}"></i>${name}</span>`)}</p>`;
}

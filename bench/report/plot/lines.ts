/** Owns plots of lines: values over time or over a rate, each line named where it ends. */
import { type Markup, markup } from "../markup.ts";
import { type Axis, linearAxis, logAxis, short, tightAxis } from "./axis.ts";

export interface Line {
  readonly name: string;
  /** A CSS colour or variable. */
  readonly colour: string;
  /** Gaps where a value is null. */
  readonly points: readonly (readonly [x: number, y: number | null])[];
  readonly isDashed?: boolean;
}

/** A stretch of the x axis with a name. */
export interface Stretch {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface LinePlot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
  readonly isLogY?: boolean;
  readonly stretches?: readonly Stretch[];
  readonly hasDots?: boolean;
  readonly height?: number;
  readonly width?: number;
}

const LEFT = 52;
const RIGHT = 118;
const TOP = 24;
const BOTTOM = 40;
/** Names of lines that end close to each other are moved apart. */
const NAME_GAP = 13;
const NAME_WIDTH = 70;
/** A narrower stretch has its name under the pointer alone. */
const NAMED_WIDTH_MIN = 46;

export function linePlot(plot: LinePlot): Markup {
  const { title, xLabel, yLabel, lines, hasDots = false, width = 560, height = 270 } = plot;
  const [right, bottom] = [width - RIGHT, height - BOTTOM];
  const values = lines.flatMap(({ points }) => points.flatMap(([, y]) => (y === null ? [] : [y])));
  const x = tightAxis(Math.max(1, ...lines.flatMap(({ points }) => points.map(([at]) => at))), LEFT, right);
  const y = yAxis(plot, values, bottom);
  return markup`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
${(plot.stretches ?? []).map((stretch, at) => shade(stretch, at, x, bottom))}
${y.ticks.map((tick) => yTick(tick, y, right))}
${x.ticks.filter((tick) => x.at(tick) <= right + 1).map((tick) => xTick(tick, x, bottom))}
<text class="label" x="${(LEFT + right) / 2}" y="${height - 4}" text-anchor="middle">${xLabel}</text>
<text class="label" x="${LEFT - 44}" y="${TOP - 13}">${yLabel}</text>
${lines.map((line) => drawn(line, x, y, hasDots))}
${names(lines, x, y, right)}
</svg>`;
}

function yAxis({ isLogY = false }: LinePlot, values: readonly number[], bottom: number): Axis {
  const max = Math.max(...values, 0);
  if (!isLogY) return linearAxis(max, bottom, TOP);
  const positive = values.filter((value) => value > 0);
  return logAxis(Math.min(...positive, max > 0 ? max : 1), max > 0 ? max : 10, bottom, TOP);
}

function yTick(tick: number, y: Axis, right: number): Markup {
  const at = fixed(y.at(tick));
  return markup`<line class="grid" x1="${LEFT}" x2="${right}" y1="${at}" y2="${at}"/><text class="tick" x="${LEFT - 6}" y="${at}" dy="4" text-anchor="end">${short(tick)}</text>`;
}

function xTick(tick: number, x: Axis, bottom: number): Markup {
  return markup`<text class="tick" x="${fixed(x.at(tick))}" y="${bottom + 16}" text-anchor="middle">${short(tick)}</text>`;
}

function shade({ name, from, to }: Stretch, at: number, x: Axis, bottom: number): Markup {
  const [left, width] = [x.at(from), Math.max(0.5, x.at(to) - x.at(from))];
  const isNamed = width > NAMED_WIDTH_MIN;
  return markup`<rect class="${at % 2 === 0 ? "shade" : "shade other"}" x="${fixed(left)}" y="${TOP}" width="${fixed(width)}" height="${bottom - TOP}"><title>${name}</title></rect>${isNamed ? markup`<text class="tick" x="${fixed(left + 4)}" y="${TOP + 12}">${name}</text>` : ""}`;
}

function drawn({ name, colour, points, isDashed = false }: Line, x: Axis, y: Axis, hasDots: boolean): Markup {
  let path = "";
  let isDown = false;
  for (const [at, value] of points) {
    if (value !== null) path += `${isDown ? "L" : "M"}${fixed(x.at(at))} ${fixed(y.at(value))}`;
    isDown = value !== null;
  }
  const dots = hasDots
    ? points.map(([at, value]) =>
        value === null
          ? null
          : markup`<circle cx="${fixed(x.at(at))}" cy="${fixed(y.at(value))}" r="3" fill="${colour}"><title>${name}: ${short(value)} at ${short(at)}</title></circle>`,
      )
    : [];
  return markup`<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.8" stroke-linejoin="round"${isDashed ? markup` stroke-dasharray="4 3"` : ""}><title>${name}</title></path>${dots}`;
}

/** At the end of each line; those that end side by side from the top down, each far enough below the one before. */
function names(lines: readonly Line[], x: Axis, y: Axis, right: number): Markup[] {
  const ends = lines.flatMap(({ name, colour, points }) => {
    const last = points.findLast(([, value]) => value !== null);
    return last === undefined ? [] : [{ name, colour, x: Math.min(x.at(last[0]), right), y: y.at(last[1] ?? 0) }];
  });
  const placed: { x: number; y: number }[] = [];
  return ends
    .toSorted((a, b) => a.y - b.y)
    .map((end) => {
      const beside = placed
        .filter((other) => Math.abs(other.x - end.x) < NAME_WIDTH)
        .map((other) => other.y + NAME_GAP);
      const at = Math.max(end.y, ...beside);
      placed.push({ x: end.x, y: at });
      return markup`<text class="name" x="${fixed(end.x + 7)}" y="${fixed(at)}" dy="4" style="fill:${end.colour}">${end.name}</text>`;
    });
}

function fixed(value: number): number {
  return Math.round(value * 10) / 10;
}

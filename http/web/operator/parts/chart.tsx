/** Owns charts: uPlot on a canvas that follows its box and the page's colours; what it shows stands in a table as well. */

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

export interface ChartSeries {
  readonly label: string;
  /** A colour of the page: `--act`. */
  readonly colour: string;
  /** Lengths of strokes and gaps, so that lines differ by more than their colour. */
  readonly dash?: readonly number[];
}

export interface ChartProps {
  readonly title: string;
  readonly series: readonly ChartSeries[];
  /** Seconds since the epoch, then the values of each series; null where there is none. */
  readonly data: readonly (readonly (number | null)[])[];
  /** Each step of the axis is ten times the one below. @default false */
  readonly logarithmic?: boolean;
  /** The axis goes at least so far. */
  readonly least?: number;
  readonly height?: number;
}

export function Chart({ title, series, data, logarithmic = false, least = 1, height = 200 }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const key = series.map(({ label }) => label).join();
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const make = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(element, series, { logarithmic, least, height }), [[]] as never, element);
    };
    make();
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", make);
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    return () => {
      dark.removeEventListener("change", make);
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
    // The labels stand for the series.
  }, [key, logarithmic, least, height]);
  useEffect(() => {
    plot.current?.setData(data as uPlot.AlignedData);
  });
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
        <ul class="legend" aria-hidden="true">
          {series.map(({ label, colour, dash = [] }) => (
            <li key={label}>
              <svg viewBox="0 0 28 4" aria-hidden="true">
                <path d="M0 2H28" stroke={`var(${colour})`} stroke-width="3" stroke-dasharray={dash.join(" ")} />
              </svg>
              {label}
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={box} aria-hidden="true" />
    </figure>
  );
}

interface ChartLook {
  readonly logarithmic: boolean;
  readonly least: number;
  readonly height: number;
}

function optionsOf(
  element: Element,
  series: readonly ChartSeries[],
  { logarithmic, least, height }: ChartLook,
): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: colour("--ink-soft"),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
  };
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      y: logarithmic
        ? { distr: 3, range: (_plot, min, max) => [Math.min(0.01, min || 0.01), Math.max(least, max || least)] }
        : { range: (_plot, _min, max) => [0, Math.max(least, 1.1 * (max || 0))] },
    },
    axes: [
      { ...axis, space: 80, values: (_plot, ticks) => ticks.map((tick) => clockOf(tick)) },
      {
        ...axis,
        size: 56,
        values: (_plot, ticks) => ticks.map((tick) => (tick === null ? "" : shortNumber(tick))),
        // Only the tens: a line for each of their parts would hide the others.
        ...(logarithmic
          ? { splits: (_plot: uPlot, _axis: number, min: number, max: number) => powersOfTen(min, max) }
          : {}),
      },
    ],
    series: [
      {},
      ...series.map(({ label, colour: name, dash }) => ({
        label,
        stroke: colour(name),
        width: 2,
        ...(dash === undefined ? {} : { dash: [...dash] }),
        points: { show: false },
        spanGaps: false,
      })),
    ],
  };
}

/** The reader's own clock, with seconds. */
function clockOf(atS: number): string {
  return new Date(1_000 * atS).toTimeString().slice(0, 8);
}

function powersOfTen(min: number, max: number): number[] {
  const first = Math.ceil(Math.log10(min) - 1e-9);
  const last = Math.floor(Math.log10(max) + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_none, at) => 10 ** (first + at));
}

function shortNumber(value: number): string {
  return value >= 1_000 ? `${Math.round(value / 100) / 10}k` : String(Math.round(value * 1_000) / 1_000);
}

/** Owns the axes of plots: where a value stands, and which values are worth a line and a label. */

export interface Axis {
  /** Where a value stands, in units of the drawing. */
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** From 0 to a round number above `max`. */
export function linearAxis(max: number, from: number, to: number, ticksAbout = 5): Axis {
  const step = roundStep((max > 0 ? max : 1) / ticksAbout);
  const count = Math.max(1, Math.ceil((max > 0 ? max : 1) / step - 1e-9));
  const top = step * count;
  return {
    at: (value) => from + ((to - from) * value) / top,
    ticks: Array.from({ length: count + 1 }, (_, at) => at * step),
  };
}

/** From 0 to `max` itself, with round numbers on the way: for time, which ends when it ends. */
export function tightAxis(max: number, from: number, to: number, ticksAbout = 8): Axis {
  const end = max > 0 ? max : 1;
  const step = roundStep(end / ticksAbout);
  return {
    at: (value) => from + ((to - from) * value) / end,
    ticks: Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, at) => at * step),
  };
}

/** Whole powers of ten around all values, with 2 and 5 between where there is room. */
export function logAxis(min: number, max: number, from: number, to: number): Axis {
  const low = 10 ** Math.floor(Math.log10(min) + 1e-9);
  const high = Math.max(10 ** Math.ceil(Math.log10(max) - 1e-9), low * 10);
  const [a, b] = [Math.log10(low), Math.log10(high)];
  const steps = b - a <= 3 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = low; power <= high * 1.001; power *= 10) {
    for (const step of steps) if (power * step <= high * 1.001) ticks.push(power * step);
  }
  return { at: (value) => from + ((to - from) * (Math.log10(Math.max(value, low)) - a)) / (b - a), ticks };
}

/** 1, 2 or 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const digit = rough / power;
  return (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10) * power;
}

/** As short as it can be read: 12.5k, 800, 0.25. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1_000_000) return `${trim(value / 1_000_000)}M`;
  if (size >= 1_000) return `${trim(value / 1_000)}k`;
  return trim(value);
}

function trim(value: number): string {
  const size = Math.abs(value);
  const text = value.toFixed(size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : 2);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

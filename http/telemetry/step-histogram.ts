/** Owns a histogram of durations whose steps are the same everywhere, so that those of several processes add up. */

/** Up to this is the first step, in seconds. */
const FIRST_S = 1e-6;

/** Each step is 9 % wider than the one before: a percentile is told that much too long at most. */
const STEPS_PER_OCTAVE = 8;

/** Beyond a minute everything is the last step. */
const STEPS = 26 * STEPS_PER_OCTAVE + 1;

/** What was counted, as it travels: step and count by turns, of those steps that have any. */
export type StepCounts = readonly number[];

export class StepHistogram {
  #counts = new Uint32Array(STEPS);
  #count = 0;
  #sumMs = 0;

  record(seconds: number): void {
    const step =
      seconds <= FIRST_S ? 0 : Math.min(STEPS - 1, Math.ceil(STEPS_PER_OCTAVE * Math.log2(seconds / FIRST_S)));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#count += 1;
    this.#sumMs += 1_000 * seconds;
  }

  get count(): number {
    return this.#count;
  }

  /** Of all that was recorded together. */
  get sumMs(): number {
    return this.#sumMs;
  }

  /** What was recorded since the last call. */
  take(): { readonly count: number; readonly sumMs: number; readonly steps: StepCounts } {
    const steps: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const count = this.#counts[step] ?? 0;
      if (count > 0) steps.push(step, count);
    }
    const taken = { count: this.#count, sumMs: this.#sumMs, steps };
    this.#counts.fill(0);
    this.#count = 0;
    this.#sumMs = 0;
    return taken;
  }
}

/** The counts of all together. */
export function addedSteps(all: readonly StepCounts[]): StepCounts {
  return fromCounts(all.map((steps) => [steps, 1] as const));
}

/** What is in the first and not in the others, which are a part of it. */
export function stepsWithout(whole: StepCounts, parts: readonly StepCounts[]): StepCounts {
  return fromCounts([[whole, 1], ...parts.map((steps) => [steps, -1] as const)]);
}

function fromCounts(all: readonly (readonly [steps: StepCounts, sign: 1 | -1])[]): StepCounts {
  const counts = new Int32Array(STEPS);
  for (const [steps, sign] of all) {
    for (let at = 0; at < steps.length; at += 2) {
      const step = Math.min(steps[at] ?? 0, STEPS - 1);
      counts[step] = (counts[step] ?? 0) + sign * (steps[at + 1] ?? 0);
    }
  }
  return Array.from(counts).flatMap((count, step) => (count > 0 ? [step, count] : []));
}

/** The duration that a share of them did not exceed, in milliseconds; null of none. @param share 0.5 is the median */
export function percentileMs(steps: StepCounts, share: number): number | null {
  let count = 0;
  for (let at = 1; at < steps.length; at += 2) count += steps[at] ?? 0;
  let left = Math.ceil(share * count);
  for (let at = 0; at < steps.length; at += 2) {
    left -= steps[at + 1] ?? 0;
    if (left <= 0) return 1_000 * FIRST_S * 2 ** ((steps[at] ?? 0) / STEPS_PER_OCTAVE);
  }
  return null;
}

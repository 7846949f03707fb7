/** Owns the series of one metric: what was recorded under each set of label values, found by walking from label to label. */

import type { Labels } from "../../actors/telemetry.ts";

/** A step into the label values, in the order of the label names. */
interface Step<Recorded> {
  readonly next: Map<string, Step<Recorded>>;
  recorded: Recorded | null;
}

export class Series<Recorded> {
  readonly #labelNames: readonly string[];
  readonly #begin: () => Recorded;
  readonly #first: Step<Recorded> = { next: new Map(), recorded: null };
  readonly #all = new Map<Recorded, Labels>();

  constructor(labelNames: readonly string[], begin: () => Recorded) {
    this.#labelNames = labelNames;
    this.#begin = begin;
  }

  of(labels: Labels): Recorded {
    const step = this.#step(labels);
    if (step.recorded !== null) return step.recorded;
    step.recorded = this.#begin();
    this.#all.set(step.recorded, { ...labels });
    return step.recorded;
  }

  forget(labels: Labels): void {
    const step = this.#step(labels);
    if (step.recorded !== null) this.#all.delete(step.recorded);
    step.recorded = null;
  }

  /** In the order of their coming. */
  all(): Iterable<[recorded: Recorded, labels: Labels]> {
    return this.#all;
  }

  #step(labels: Labels): Step<Recorded> {
    let step = this.#first;
    for (const name of this.#labelNames) {
      const text = labels[name] ?? "";
      step = step.next.get(text) ?? addStep(step, text);
    }
    return step;
  }
}

function addStep<Recorded>(before: Step<Recorded>, text: string): Step<Recorded> {
  const step: Step<Recorded> = { next: new Map(), recorded: null };
  before.next.set(text, step);
  return step;
}

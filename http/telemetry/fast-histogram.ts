/** Owns a histogram that is recorded to several times in every request: prom-client's own costs four times as much when it has labels [15.1.3]. */

import type { Labels } from "../../actors/telemetry.ts";

/** What was recorded under one set of label values. */
interface Series {
  readonly labels: Labels;
  /** How many values fell between a bound and the one before; the last is for those above all bounds. */
  readonly counts: Float64Array;
  sum: number;
}

/** A step into the label values, in the order of the label names. */
interface Step {
  readonly next: Map<string, Step>;
  series: Series | null;
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** Of what prom-client's registry asks of a metric, all that it uses. */
export class FastHistogram {
  readonly name: string;
  readonly help: string;
  readonly type = "histogram";
  readonly aggregator = "sum";
  readonly #bounds: readonly number[];
  readonly #labelNames: readonly string[];
  readonly #first: Step = { next: new Map(), series: null };
  readonly #all: Series[] = [];

  /** @param bounds upper bounds of the buckets, rising */
  constructor(name: string, help: string, bounds: readonly number[], labelNames: readonly string[]) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    this.#labelNames = labelNames;
  }

  record(value: number, labels: Labels = {}): void {
    let step = this.#first;
    for (const name of this.#labelNames) {
      const text = labels[name] ?? "";
      step = step.next.get(text) ?? addStep(step, text);
    }
    step.series ??= this.#begin(labels);
    step.series.sum += value;
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? 0)) bucket++;
    step.series.counts[bucket] = (step.series.counts[bucket] ?? 0) + 1;
  }

  #begin(labels: Labels): Series {
    const series = { labels: { ...labels }, counts: new Float64Array(this.#bounds.length + 1), sum: 0 };
    this.#all.push(series);
    return series;
  }

  get(): Promise<{ name: string; help: string; type: string; aggregator: string; values: Sample[] }> {
    const { name, help, type, aggregator } = this;
    return Promise.resolve({ name, help, type, aggregator, values: this.#all.flatMap((each) => this.#samples(each)) });
  }

  #samples({ labels, counts, sum }: Series): Sample[] {
    const samples: Sample[] = [];
    let count = 0;
    for (const [at, inBucket] of counts.entries()) {
      count += inBucket;
      const le = this.#bounds[at] ?? "+Inf";
      samples.push({ metricName: `${this.name}_bucket`, labels: { ...labels, le }, value: count });
    }
    samples.push({ metricName: `${this.name}_sum`, labels, value: sum });
    samples.push({ metricName: `${this.name}_count`, labels, value: count });
    return samples;
  }
}

function addStep(before: Step, text: string): Step {
  const step = { next: new Map(), series: null };
  before.next.set(text, step);
  return step;
}

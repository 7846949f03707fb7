/** Owns a histogram that is recorded to several times in every request: prom-client's own costs four times as much when it has labels [15.1.3]. */

import type { Labels } from "../../actors/telemetry.ts";
import { Series } from "./series.ts";

interface Recorded {
  /** How many values fell between a bound and the one before; the last is for those above all bounds. */
  readonly counts: Float64Array;
  sum: number;
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
  readonly #series: Series<Recorded>;

  /** @param bounds upper bounds of the buckets, rising */
  constructor(name: string, help: string, bounds: readonly number[], labelNames: readonly string[]) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    this.#series = new Series(labelNames, () => ({ counts: new Float64Array(bounds.length + 1), sum: 0 }));
  }

  record(value: number, labels: Labels = {}): void {
    const recorded = this.#series.of(labels);
    recorded.sum += value;
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? 0)) bucket++;
    recorded.counts[bucket] = (recorded.counts[bucket] ?? 0) + 1;
  }

  forget(labels: Labels): void {
    this.#series.forget(labels);
  }

  get(): Promise<{ name: string; help: string; type: string; aggregator: string; values: Sample[] }> {
    const { name, help, type, aggregator } = this;
    const values = Array.from(this.#series.all()).flatMap(([recorded, labels]) => this.#samples(recorded, labels));
    return Promise.resolve({ name, help, type, aggregator, values });
  }

  #samples({ counts, sum }: Recorded, labels: Labels): Sample[] {
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

/** Owns a counter that is added to in every request: prom-client's own sorts and joins the labels each time [15.1.3]. */

import type { Labels } from "../../actors/telemetry.ts";
import { Series } from "./series.ts";

interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** Of what prom-client's registry asks of a metric, all that it uses. */
export class FastCounter {
  readonly name: string;
  readonly help: string;
  readonly type = "counter";
  readonly aggregator = "sum";
  readonly #series: Series<{ value: number }>;

  constructor(name: string, help: string, labelNames: readonly string[]) {
    this.name = name;
    this.help = help;
    this.#series = new Series(labelNames, () => ({ value: 0 }));
    // Without labels it is there from the start: what rises from nothing is a rise as well.
    if (labelNames.length === 0) this.#series.of({});
  }

  add(by = 1, labels: Labels = {}): void {
    this.#series.of(labels).value += by;
  }

  forget(labels: Labels): void {
    this.#series.forget(labels);
  }

  get(): Promise<{ name: string; help: string; type: string; aggregator: string; values: Sample[] }> {
    const { name, help, type, aggregator } = this;
    const values = Array.from(this.#series.all(), ([{ value }, labels]) => ({ labels, value }));
    return Promise.resolve({ name, help, type, aggregator, values });
  }
}

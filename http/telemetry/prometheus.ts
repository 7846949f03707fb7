/** Owns the metrics: what is recorded through the telemetry port, and the figures of the process, in the format that Prometheus reads. */

import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from "prom-client";
import { assert } from "../../actors/assert.ts";
import type { Log, Telemetry } from "../../actors/telemetry.ts";
import { FastHistogram } from "./fast-histogram.ts";

export interface Metrics {
  readonly contentType: string;
  /** Everything that was recorded, as text; gauges are read now. */
  text(): Promise<string>;
}

export interface Prometheus {
  readonly telemetry: Telemetry;
  readonly metrics: Metrics;
}

export function prometheus(log: Log): Prometheus {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const histograms = new Map<string, FastHistogram>();

  const telemetry: Telemetry = {
    log,
    counter(name, help, labelNames = []) {
      const known = registry.getSingleMetric(name);
      assert(known === undefined || known instanceof Counter, `${name} is a counter everywhere`);
      const counter = known ?? new Counter({ name, help, labelNames, registers });
      return {
        add: (by = 1, labels) => (labels === undefined ? counter.inc(by) : counter.inc(labels, by)),
      };
    },
    histogram(name, help, buckets, labelNames = []) {
      const known = histograms.get(name);
      if (known !== undefined) return known;
      const histogram = new FastHistogram(name, help, buckets, labelNames);
      // The registry's type knows only its own classes; what it uses of them is there.
      registry.registerMetric(histogram as unknown as Metric);
      histograms.set(name, histogram);
      return histogram;
    },
    gauge(name, help, read) {
      assert(registry.getSingleMetric(name) === undefined, `${name} is read in one place`);
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
  };
  return { telemetry, metrics: { contentType: registry.contentType, text: () => registry.metrics() } };
}

/** Owns the metrics: what is recorded through the telemetry port, and the figures of the process, in the format that Prometheus reads. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { assert } from "../../actors/assert.ts";
import type { Log, Telemetry } from "../../actors/telemetry.ts";

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
      const known = registry.getSingleMetric(name);
      assert(known === undefined || known instanceof Histogram, `${name} is a histogram everywhere`);
      const histogram = known ?? new Histogram({ name, help, buckets: [...buckets], labelNames, registers });
      return {
        record: (value, labels) => (labels === undefined ? histogram.observe(value) : histogram.observe(labels, value)),
      };
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

/** Owns the metrics: what is recorded through the telemetry port, and the figures of the process, in the format that Prometheus reads. */

import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from "prom-client";
import { assert } from "../../actors/assert.ts";
import type { Log, Telemetry } from "../../actors/telemetry.ts";
import { FastCounter } from "./fast-counter.ts";
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

/** The runtime looks through its whole heap for these, and does nothing else meanwhile: 150 ms for half a gigabyte [Bun 1.4.5]. */
const OF_THE_WHOLE_HEAP = ["total", "used", "available"].map((size) => `nodejs_heap_space_size_${size}_bytes`);

function figuresOfProcess(): Registry {
  const figures = new Registry();
  collectDefaultMetrics({ register: figures });
  for (const name of OF_THE_WHOLE_HEAP) figures.removeSingleMetric(name);
  return figures;
}

export function prometheus(log: Log): Prometheus {
  const registry = figuresOfProcess();
  const registers = [registry];
  const counters = new Map<string, FastCounter>();
  const histograms = new Map<string, FastHistogram>();

  // The registry's type knows only its own classes; what it uses of them is there.
  const register = (metric: FastCounter | FastHistogram): void => registry.registerMetric(metric as unknown as Metric);
  const mustBeNew = (name: string): void =>
    assert(registry.getSingleMetric(name) === undefined, `${name} is read in one place`);

  const telemetry: Telemetry = {
    log,
    counter(name, help, labelNames = []) {
      const known = counters.get(name);
      if (known !== undefined) return known;
      assert(registry.getSingleMetric(name) === undefined, `${name} is a counter everywhere`);
      const counter = new FastCounter(name, help, labelNames);
      register(counter);
      counters.set(name, counter);
      return counter;
    },
    histogram(name, help, buckets, labelNames = []) {
      const known = histograms.get(name);
      if (known !== undefined) return known;
      const histogram = new FastHistogram(name, help, buckets, labelNames);
      register(histogram);
      histograms.set(name, histogram);
      return histogram;
    },
    gauge(name, help, read, labelNames = []) {
      mustBeNew(name);
      new Gauge({
        name,
        help,
        labelNames,
        registers,
        collect() {
          const reading = read();
          if (typeof reading === "number") {
            this.set(reading);
            return;
          }
          this.reset();
          for (const { labels, value } of reading) this.set(labels, value);
        },
      });
    },
    total(name, help, read, labelNames = []) {
      mustBeNew(name);
      new Counter({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset();
          const reading = read();
          if (typeof reading === "number") this.inc(reading);
          else for (const { labels, value } of reading) this.inc(labels, value);
        },
      });
    },
  };
  return { telemetry, metrics: { contentType: registry.contentType, text: () => registry.metrics() } };
}

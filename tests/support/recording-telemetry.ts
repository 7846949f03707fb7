/** Owns telemetry that a test can read: counts by name and labels, gauges, and the messages of the log. */

import type { Counter, Histogram, Labels, Log, Reading, Telemetry } from "../../actors/telemetry.ts";

export class RecordingTelemetry implements Telemetry {
  /** `name{label=value}` and how often. */
  readonly counts = new Map<string, number>();
  readonly messages: string[] = [];
  /** All that was logged, as it would be written. */
  readonly lines: string[] = [];
  readonly #gauges = new Map<string, () => Reading>();

  readonly log: Log = {
    // For those who look for a fault, and nobody else.
    debug: () => {},
    info: (fields, message) => this.#write(fields, message),
    warn: (fields, message) => this.#write(fields, message),
    error: (fields, message) => this.#write(fields, message),
  };

  counter(name: string): Counter {
    return {
      add: (by = 1, labels = {}) => {
        const key = `${name}${written(labels)}`;
        this.counts.set(key, (this.counts.get(key) ?? 0) + by);
      },
    };
  }

  histogram(): Histogram {
    return { record: () => {} };
  }

  gauge(name: string, _help: string, read: () => Reading): void {
    this.#gauges.set(name, read);
  }

  total(name: string, _help: string, read: () => Reading): void {
    this.#gauges.set(name, read);
  }

  count(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  read(gauge: string): number | undefined {
    const reading = this.#gauges.get(gauge)?.();
    return typeof reading === "number" ? reading : undefined;
  }

  /** By the values of its labels, what a gauge with labels reads. */
  readAll(gauge: string): Readonly<Record<string, number>> {
    const reading = this.#gauges.get(gauge)?.() ?? [];
    if (typeof reading === "number") return {};
    return Object.fromEntries(reading.map(({ labels, value }) => [Object.values(labels).join(), value]));
  }

  clear(): void {
    this.counts.clear();
    this.messages.length = 0;
    this.lines.length = 0;
  }

  #write(fields: object, message: string): void {
    this.messages.push(message);
    this.lines.push(JSON.stringify({ ...fields, message }));
  }
}

function written(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

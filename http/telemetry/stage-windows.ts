/** Owns what this process measures of each stage from one look to the next: it listens to the metrics that the stages record anyway. */

import type { StageMeasure } from "../../actors/bus/subjects.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import { StepHistogram } from "./step-histogram.ts";

/** Which histogram says what. */
const MEASURES: Readonly<Record<string, StageMeasure["measure"]>> = {
  pigonair_http_request_duration_seconds: "request",
  pigonair_flight_call_seconds: "call",
  pigonair_host_seconds: "host",
  pigonair_mailbox_wait_seconds: "mailbox",
  pigonair_decide_seconds: "decide",
  pigonair_commit_wait_seconds: "commit",
  pigonair_commit_seconds: "database",
};

const ATTEMPTS = "pigonair_flight_attempts_total";
const WAITING = "pigonair_mailbox_commands";

export interface TakenWindows {
  readonly measures: readonly StageMeasure[];
  /** Commands that were sent to flights, repeats included. */
  readonly attempts: number;
  /** Commands that wait in mailboxes now. */
  readonly waiting: number;
}

export class StageWindows {
  /** What the stages record through. */
  readonly telemetry: Telemetry;
  readonly #windows = new Map<StageMeasure["measure"], StepHistogram>();
  #attempts = 0;
  #waiting: () => number = () => 0;

  /** @param inner where everything is recorded as well */
  constructor(inner: Telemetry) {
    this.telemetry = {
      log: inner.log,
      counter: (name, help, labelNames) => {
        const counter = inner.counter(name, help, labelNames);
        if (name !== ATTEMPTS) return counter;
        return {
          add: (by = 1, labels) => {
            this.#attempts += by;
            counter.add(by, labels);
          },
        };
      },
      histogram: (name, help, buckets, labelNames) => {
        const histogram = inner.histogram(name, help, buckets, labelNames);
        const measure = MEASURES[name];
        if (measure === undefined) return histogram;
        const window = this.#window(measure);
        return {
          record(value, labels) {
            histogram.record(value, labels);
            window.record(value);
          },
        };
      },
      gauge: (name, help, read) => {
        if (name === WAITING) this.#waiting = read;
        inner.gauge(name, help, read);
      },
    };
  }

  /** What was measured since the last call. */
  take(): TakenWindows {
    const measures = Array.from(this.#windows, ([measure, window]) => ({ measure, ...window.take() }));
    const taken = { measures, attempts: this.#attempts, waiting: this.#waiting() };
    this.#attempts = 0;
    return taken;
  }

  #window(measure: StageMeasure["measure"]): StepHistogram {
    const known = this.#windows.get(measure) ?? new StepHistogram();
    this.#windows.set(measure, known);
    return known;
  }
}

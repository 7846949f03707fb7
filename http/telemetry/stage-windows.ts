/** Owns what this process measures of each stage from one look to the next: it listens to the metrics that the stages record anyway. */

import type { StageMeasure } from "../../actors/bus/subjects.ts";
import { type RequestStage, STAGE_SECONDS } from "../../actors/stages.ts";
import type { Reading, Telemetry } from "../../actors/telemetry.ts";
import { StepHistogram } from "./step-histogram.ts";

/** Which histogram says what; {@link STAGE_SECONDS} says several things, by its label. */
const MEASURES: Readonly<Record<string, StageMeasure["measure"]>> = {
  pigonair_http_request_duration_seconds: "request",
  pigonair_commit_seconds: "database",
};

const COUNTED = { pigonair_flight_calls_total: "calls", pigonair_flight_attempts_total: "attempts" } as const;

const READ = { pigonair_mailbox_commands: "waiting", pigonair_mailbox_fullest_ratio: "mailboxFullness" } as const;

const LANE_BUSY = "pigonair_lane_busy_seconds_total";

export interface TakenWindows {
  readonly measures: readonly StageMeasure[];
  /** Calls of flights that began, and commands that were sent for them, repeats included. */
  readonly calls: number;
  readonly attempts: number;
  /** Commands that wait in mailboxes now. */
  readonly waiting: number;
  /** How full the fullest mailbox has been, 0 to 1. */
  readonly mailboxFullness: number;
  /** For how long the lane had a batch on its way. */
  readonly laneBusyMs: number;
}

export class StageWindows {
  /** What the stages record through. */
  readonly telemetry: Telemetry;
  readonly #windows = new Map<StageMeasure["measure"], StepHistogram>();
  readonly #counts = { calls: 0, attempts: 0 };
  readonly #read = { waiting: () => 0, mailboxFullness: () => 0 };
  #laneBusyS: () => number = () => 0;
  #laneBusyBeforeS = 0;

  /** @param inner where everything is recorded as well */
  constructor(inner: Telemetry) {
    this.telemetry = {
      log: inner.log,
      ...(inner.traces === undefined ? {} : { traces: inner.traces }),
      counter: (name, help, labelNames) => {
        const counter = inner.counter(name, help, labelNames);
        if (!isNamed(COUNTED, name)) return counter;
        const counted = COUNTED[name];
        return {
          add: (by = 1, labels) => {
            this.#counts[counted] += by;
            counter.add(by, labels);
          },
        };
      },
      histogram: (name, help, buckets, labelNames) => {
        const histogram = inner.histogram(name, help, buckets, labelNames);
        if (name === STAGE_SECONDS) {
          return {
            record: (value, labels) => {
              histogram.record(value, labels);
              this.#window((labels?.stage ?? "edge") as RequestStage).record(value);
            },
          };
        }
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
      gauge: (name, help, read, labelNames) => {
        if (isNamed(READ, name)) this.#read[READ[name]] = () => numberOf(read());
        inner.gauge(name, help, read, labelNames);
      },
      total: (name, help, read, labelNames) => {
        if (name === LANE_BUSY) this.#laneBusyS = () => numberOf(read());
        inner.total(name, help, read, labelNames);
      },
    };
  }

  /** What was measured since the last call. */
  take(): TakenWindows {
    const measures = Array.from(this.#windows, ([measure, window]) => ({ measure, ...window.take() })).filter(
      ({ count }) => count > 0,
    );
    const { calls, attempts } = this.#counts;
    this.#counts.calls = 0;
    this.#counts.attempts = 0;
    const laneBusyS = this.#laneBusyS();
    const laneBusyMs = 1_000 * (laneBusyS - this.#laneBusyBeforeS);
    this.#laneBusyBeforeS = laneBusyS;
    const { waiting, mailboxFullness } = this.#read;
    return { measures, calls, attempts, waiting: waiting(), mailboxFullness: mailboxFullness(), laneBusyMs };
  }

  #window(measure: StageMeasure["measure"]): StepHistogram {
    const known = this.#windows.get(measure);
    if (known !== undefined) return known;
    const window = new StepHistogram();
    this.#windows.set(measure, window);
    return window;
  }
}

function isNamed<Names extends object>(names: Names, name: string): name is Extract<keyof Names, string> {
  return Object.hasOwn(names, name);
}

function numberOf(reading: Reading): number {
  return typeof reading === "number" ? reading : 0;
}

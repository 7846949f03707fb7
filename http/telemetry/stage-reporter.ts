/** Owns telling the operators' view once a second what this process measures of its stages. */

import type { Bus } from "../../actors/bus/bus.ts";
import { type StageReport, stagesSubject } from "../../actors/bus/subjects.ts";
import type { Clock, Timer } from "../../actors/clock.ts";
import type { Sample, Telemetry } from "../../actors/telemetry.ts";
import type { LoadRuns } from "./load-runs.ts";
import { type Saturable, type Saturation, saturationOf } from "./saturation.ts";
import type { StageWindows } from "./stage-windows.ts";
import { threadLoad } from "./thread-load.ts";

const PERIOD_MS = 1_000;

/** The gauges speak of so many periods, so that a look each few seconds doesn't see one moment alone. */
export const LATEST = 5;

/** As the metrics name them: what waits for the lane and what waits for its batches is one stage there. */
export const METRIC_STAGES = ["edge", "bus", "mailbox", "decide", "commit"] as const;
export type MetricStage = (typeof METRIC_STAGES)[number];

export function metricStage(stage: Saturable): MetricStage {
  return stage === "database" ? "commit" : stage;
}

export interface StageReporterOptions {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly bus: Bus;
  readonly windows: StageWindows;
  readonly runs: LoadRuns;
  /** Of this process and no other one: fresh at each start. */
  readonly process: string;
  /** For people: the machine, and the process on it. */
  readonly name: string;
  /** Whether it serves requests, and whether it owns flights. */
  readonly isEdge: boolean;
  readonly isHost: boolean;
  /** Commands that may wait on a host, and that fit into one batch. */
  readonly waitingMax: number;
  readonly batchMax: number;
}

export class StageReporter {
  readonly #options: StageReporterOptions;
  readonly #threadLoad: () => number;
  #latest: readonly Saturation[] = [];
  #tookMs = 0;
  #timer: Timer | null = null;

  constructor(options: StageReporterOptions) {
    this.#options = options;
    this.#threadLoad = threadLoad(options.clock);
    options.telemetry.gauge(
      "pigonair_stage_saturation",
      "How full each stage of this process has been in the latest seconds, 0 to 1.",
      () => this.#saturations(),
      ["stage"],
    );
  }

  start(): void {
    this.#tookMs = this.#options.clock.monotonicMs();
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #arm(): void {
    this.#timer = this.#options.clock.after(PERIOD_MS, () => {
      this.#options.bus.publish(stagesSubject(this.#options.process), this.#report());
      this.#arm();
    });
  }

  #report(): StageReport {
    const { clock, windows, runs, process, name, isEdge, isHost, waitingMax, batchMax } = this.#options;
    const nowMs = clock.monotonicMs();
    const spanMs = Math.max(1, nowMs - this.#tookMs);
    this.#tookMs = nowMs;
    const about = { process, name, isEdge, isHost, waitingMax, batchMax };
    const { laneBusyMs, ...taken } = windows.take();
    const laneShare = Math.min(1, Math.max(0, laneBusyMs / spanMs));
    const report = { ...about, spanMs, threadShare: this.#threadLoad(), laneShare, ...taken, runs: runs.take() };
    this.#latest = [...this.#latest.slice(1 - LATEST), saturationOf(report)];
    return report;
  }

  /** Of the stages that this process has. */
  #saturations(): readonly Sample[] {
    const { isEdge, isHost } = this.#options;
    const has: Readonly<Record<MetricStage, boolean>> = {
      edge: isEdge,
      bus: true,
      mailbox: isHost,
      decide: isHost,
      commit: isHost,
    };
    return METRIC_STAGES.filter((stage) => has[stage]).map((stage) => ({
      labels: { stage },
      value: this.#mean(stage),
    }));
  }

  #mean(stage: MetricStage): number {
    const values = this.#latest.map((each) =>
      stage === "commit" ? Math.max(each.commit, each.database) : each[stage],
    );
    return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value) / values.length;
  }
}

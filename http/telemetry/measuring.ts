/** Owns the measuring of one process: its metrics, its load runs, and telling the operators' view of both. */

import type { Bus } from "../../actors/bus/bus.ts";
import type { Clock } from "../../actors/clock.ts";
import type { Entropy } from "../../actors/entropy.ts";
import type { HostLimits } from "../../actors/limits.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import type { JsonLog } from "./json-log.ts";
import { LoadRuns } from "./load-runs.ts";
import { type DatabaseFigures, databaseMetrics, type ProcessInfo, processMetrics } from "./process-metrics.ts";
import { type Metrics, prometheus } from "./prometheus.ts";
import { StageReporter } from "./stage-reporter.ts";
import { StageWindows } from "./stage-windows.ts";

export interface MeasuringOptions extends ProcessInfo {
  readonly log: JsonLog;
  /** The machine's own: nothing here needs the cluster's time. */
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly limits: HostLimits;
}

export interface Measuring {
  readonly telemetry: Telemetry;
  readonly metrics: Metrics;
  readonly loadRuns: LoadRuns;

  /** Tells the operators' view once a second what the stages do. @returns ends it */
  report(bus: Bus, database: () => DatabaseFigures): () => void;
}

export function measuring(options: MeasuringOptions): Measuring {
  const { log, clock, entropy, limits, role, host } = options;
  const { telemetry: recorded, metrics } = prometheus(log.part("main"));
  const windows = new StageWindows(recorded);
  const { telemetry } = windows;
  const loadRuns = new LoadRuns(clock, telemetry);
  processMetrics(telemetry, options);
  telemetry.total(
    "pigonair_log_lines_total",
    "Lines that were logged, by level.",
    () => Object.entries(log.lines).map(([level, value]) => ({ labels: { level }, value })),
    ["level"],
  );
  return {
    telemetry,
    metrics,
    loadRuns,
    report(bus, database) {
      databaseMetrics(telemetry, database);
      const reporter = new StageReporter({
        clock,
        telemetry,
        bus,
        windows,
        runs: loadRuns,
        process: entropy.uuid(),
        name: host,
        isEdge: role === "all" || role === "edge",
        isHost: role === "all" || role === "actors",
        waitingMax: limits.hostMailMax,
        batchMax: limits.batchMax,
      });
      reporter.start();
      return () => reporter.stop();
    },
  };
}

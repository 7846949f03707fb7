/** Owns what the edge measures of every request: how long it took, by route and status. */

import type { Telemetry } from "../../actors/telemetry.ts";

/** Seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Paths that no route serves are one label together: clients make them up. */
const UNMATCHED = "unmatched";

export type RecordRequest = (method: string, route: string | undefined, status: number, durationMs: number) => void;

export function httpMetrics(telemetry: Telemetry): RecordRequest {
  const duration = telemetry.histogram(
    "pigonair_http_request_duration_seconds",
    "Time from a request's head to its answer, without streaming.",
    BUCKETS,
    ["method", "route", "status"],
  );
  return (method, route = UNMATCHED, status, durationMs) => {
    duration.record(durationMs / 1000, { method, route, status: String(status) });
  };
}

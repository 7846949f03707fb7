/** Owns what the edge measures of every request: how long it took, by route and status, where that time went, and which problems it ended with. */

import type { RequestScope } from "../../actors/request-scope.ts";
import { stageTimes } from "../../actors/stages.ts";
import type { Telemetry } from "../../actors/telemetry.ts";
import type { ProblemCode } from "../problem-codes.ts";

/** Seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Paths that no route serves are one label together, and so are methods: clients make them up. */
const UNMATCHED = "unmatched";
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export interface Ended {
  readonly method: string;
  readonly route: string | undefined;
  readonly status: number;
  /** By the monotonic clock. */
  readonly startedMs: number;
  readonly endedMs: number;
  readonly scope: RequestScope | null;
}

export interface HttpMetrics {
  ended(request: Ended): void;
  problem(code: ProblemCode): void;
}

export function httpMetrics(telemetry: Telemetry): HttpMetrics {
  const duration = telemetry.histogram(
    "pigonair_http_request_duration_seconds",
    "Time from a request's head to its answer, without streaming.",
    BUCKETS,
    ["method", "route", "status"],
  );
  const problems = telemetry.counter("pigonair_http_problems_total", "Answers that are problems, by their code.", [
    "code",
  ]);
  const took = stageTimes(telemetry);
  return {
    ended({ method, route, status, startedMs, endedMs, scope }) {
      duration.record((endedMs - startedMs) / 1_000, {
        method: METHODS.has(method) ? method : UNMATCHED,
        route: route || UNMATCHED,
        status: String(status),
      });
      const askedMs = scope?.askedMs ?? null;
      const answeredMs = scope?.answeredMs ?? null;
      if (askedMs !== null) took("edge", askedMs - startedMs);
      if (answeredMs !== null) took("reply", endedMs - answeredMs);
    },
    problem: (code) => problems.add(1, { code }),
  };
}

/** Owns the one histogram of where requests to flights spend their time: each stage records its own part, and together they are the whole. */

import type { Histogram, Telemetry } from "./telemetry.ts";

/**
 * `edge`: from the head of the HTTP request until it asks a flight. `bus`: there and back, without the host's own time. `mailbox`: from
 * coming to the host to its decision. `decide`. `commit`: until it is durable, with the batch ahead. `reply`: from the flight's answer to
 * the HTTP answer.
 */
export const REQUEST_STAGES = ["edge", "bus", "mailbox", "decide", "commit", "reply"] as const;
export type RequestStage = (typeof REQUEST_STAGES)[number];

export const STAGE_SECONDS = "pigonair_stage_seconds";

/** From a decision, which takes microseconds, to the longest that anybody waits. */
const BUCKETS = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
  5, 10,
];

/** @returns records into one stage, in milliseconds */
export function stageTimes(telemetry: Telemetry): (stage: RequestStage, ms: number) => void {
  const seconds: Histogram = telemetry.histogram(
    STAGE_SECONDS,
    "Where requests to flights spend their time; the stages add up to the request.",
    BUCKETS,
    ["stage"],
  );
  // Made once: this is recorded to in every request.
  const labels = Object.fromEntries(REQUEST_STAGES.map((stage) => [stage, { stage }])) as Record<
    RequestStage,
    { readonly stage: RequestStage }
  >;
  return (stage, ms) => seconds.record(ms / 1_000, labels[stage]);
}

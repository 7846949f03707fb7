/** Owns the reading of what all processes measured of their stages: rates, times, how full each is, and which one limits now. */

import { STAGE_MEASURES, type StageMeasure, type StageReport } from "../../actors/bus/subjects.ts";
import { fullest, limitingStage, SATURABLE, type Saturable, saturationOf } from "../telemetry/saturation.ts";
import { addedSteps, percentileMs, type StepCounts, stepsWithout } from "../telemetry/step-histogram.ts";

/** In the order in which a request passes them. */
export const STAGES = SATURABLE;
export type StageName = Saturable;

export interface Times {
  readonly ratePerSecond: number;
  /** Milliseconds; null where nothing was measured. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export interface StageView extends Times {
  readonly stage: StageName;
  /** 0 to 1: how much of what the stage can do is used. Of several processes, the fullest. */
  readonly saturation: number;
  /** The share of the time that requests for flights spend there, 0 to 1. */
  readonly timeShare: number;
}

export interface RunView extends Times {
  readonly run: string;
  readonly failedPerSecond: number;
}

export interface StagesView {
  /** ISO 8601. */
  readonly at: string;
  readonly stages: readonly StageView[];
  /** The stage that limits; null while none does. */
  readonly limiting: StageName | null;
  /** Requests that no load run marked as its own. */
  readonly members: Times;
  readonly runs: readonly RunView[];
  /** Commands in a batch on average; null without one. */
  readonly commandsPerBatch: number | null;
}

interface Sum {
  readonly count: number;
  readonly sumMs: number;
  readonly steps: StepCounts;
}

/** @param reports one of each process, all about the same time */
export function stagesView(reports: readonly StageReport[], atMs: number): StagesView {
  const spanMs = Math.max(1, ...reports.map((report) => report.spanMs));
  const sums = sumsOf(reports);
  const { request, bus, mailbox, decide, commit, database } = sums;
  const runs = runsOf(reports);
  const times = (sum: Sum): Times => timesOf(sum, spanMs);
  const saturation = fullest(reports.map(saturationOf));
  const shares = timeShares(sums);
  const of: Readonly<Record<StageName, Times>> = {
    edge: times(request),
    bus: times(bus),
    mailbox: times(mailbox),
    decide: times(decide),
    commit: times(commit),
    database: times(database),
  };
  return {
    at: new Date(atMs).toISOString(),
    stages: STAGES.map((stage) => ({ stage, ...of[stage], saturation: saturation[stage], timeShare: shares[stage] })),
    limiting: limitingStage(saturation, shares, commit.count),
    members: times(without(request, runs)),
    runs: runs.map(({ run, failed, ...sum }) => ({ run, failedPerSecond: (1_000 * failed) / spanMs, ...times(sum) })),
    commandsPerBatch: database.count === 0 ? null : decide.count / database.count,
  };
}

type Sums = Readonly<Record<StageMeasure["measure"], Sum>>;

function sumsOf(reports: readonly StageReport[]): Sums {
  const all = reports.flatMap(({ measures }) => measures);
  const sum = (measure: StageMeasure["measure"]): Sum => added(all.filter((each) => each.measure === measure));
  return Object.fromEntries(STAGE_MEASURES.map((measure) => [measure, sum(measure)])) as Record<
    StageMeasure["measure"],
    Sum
  >;
}

function added(all: readonly Sum[]): Sum {
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    sumMs: all.reduce((sum, { sumMs }) => sum + sumMs, 0),
    steps: addedSteps(all.map(({ steps }) => steps)),
  };
}

function without(whole: Sum, parts: readonly Sum[]): Sum {
  const part = added(parts);
  return {
    count: Math.max(0, whole.count - part.count),
    sumMs: Math.max(0, whole.sumMs - part.sumMs),
    steps: stepsWithout(whole.steps, [part.steps]),
  };
}

interface RunSum extends Sum {
  readonly run: string;
  readonly failed: number;
}

function runsOf(reports: readonly StageReport[]): readonly RunSum[] {
  const byName = Map.groupBy(
    reports.flatMap(({ runs }) => runs),
    ({ run }) => run,
  );
  return Array.from(byName, ([run, parts]) => ({
    run,
    failed: parts.reduce((sum, { failed }) => sum + failed, 0),
    ...added(parts),
  }));
}

function timesOf({ count, steps }: Sum, spanMs: number): Times {
  return {
    ratePerSecond: (1_000 * count) / spanMs,
    p50Ms: percentileMs(steps, 0.5),
    p95Ms: percentileMs(steps, 0.95),
    p99Ms: percentileMs(steps, 0.99),
  };
}

/** Sums of times add up, unlike percentiles: each stage's own part of what requests for flights took in all. */
function timeShares(sums: Sums): Readonly<Record<StageName, number>> {
  const { edge, reply, bus, mailbox, decide, commit, database } = sums;
  const inDatabase = database.count === 0 ? 0 : (commit.count * database.sumMs) / database.count;
  const own: Readonly<Record<StageName, number>> = {
    edge: edge.sumMs + reply.sumMs,
    bus: bus.sumMs,
    mailbox: mailbox.sumMs,
    decide: decide.sumMs,
    commit: Math.max(0, commit.sumMs - inDatabase),
    database: Math.min(commit.sumMs, inDatabase),
  };
  const all = STAGES.reduce((sum, stage) => sum + own[stage], 0);
  const share = (stage: StageName): number => (all === 0 ? 0 : own[stage] / all);
  return {
    edge: share("edge"),
    bus: share("bus"),
    mailbox: share("mailbox"),
    decide: share("decide"),
    commit: share("commit"),
    database: share("database"),
  };
}

/** Owns the reading of what all processes measured of their stages: rates, times, how full each is, and which one limits now. */

import type { StageMeasure, StageReport } from "../../actors/bus/subjects.ts";
import { addedSteps, percentileMs, type StepCounts, stepsWithout } from "../telemetry/step-histogram.ts";

/** In the order in which a request passes them. */
export const STAGES = ["edge", "bus", "mailbox", "decide", "commit", "database"] as const;
export type StageName = (typeof STAGES)[number];

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
  /** The stage that is full; null while none is. */
  readonly limiting: StageName | null;
  /** Requests that no load run marked as its own. */
  readonly members: Times;
  readonly runs: readonly RunView[];
  /** Commands in a batch on average; null without one. */
  readonly commandsPerBatch: number | null;
}

/** From here a stage counts as full. */
const FULL = 0.85;

interface Sum {
  readonly count: number;
  readonly sumMs: number;
  readonly steps: StepCounts;
}

/** @param reports one of each process, all about the same time */
export function stagesView(reports: readonly StageReport[], atMs: number): StagesView {
  const spanMs = Math.max(1, ...reports.map((report) => report.spanMs));
  const sums = sumsOf(reports);
  const { request, call, host, mailbox, decide, commit, database } = sums;
  const runs = runsOf(reports);
  const times = (sum: Sum): Times => timesOf(sum, spanMs);
  const saturation = saturations(reports, sums);
  const shares = timeShares(sums);
  const of: Readonly<Record<StageName, Times>> = {
    edge: times(request),
    bus: difference(times(call), times(host)),
    mailbox: times(mailbox),
    decide: times(decide),
    commit: times(commit),
    database: times(database),
  };
  return {
    at: new Date(atMs).toISOString(),
    stages: STAGES.map((stage) => ({ stage, ...of[stage], saturation: saturation[stage], timeShare: shares[stage] })),
    limiting: limitingStage(saturation),
    members: times(without(request, runs)),
    runs: runs.map(({ run, failed, ...sum }) => ({ run, failedPerSecond: (1_000 * failed) / spanMs, ...times(sum) })),
    commandsPerBatch: database.count === 0 ? null : decide.count / database.count,
  };
}

type Sums = Readonly<Record<StageMeasure["measure"], Sum>>;

function sumsOf(reports: readonly StageReport[]): Sums {
  const all = reports.flatMap(({ measures }) => measures);
  const sum = (measure: StageMeasure["measure"]): Sum => added(all.filter((each) => each.measure === measure));
  return {
    request: sum("request"),
    call: sum("call"),
    host: sum("host"),
    mailbox: sum("mailbox"),
    decide: sum("decide"),
    commit: sum("commit"),
    database: sum("database"),
  };
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

/** What a caller waits beyond the host's own time. Clocks of two machines can't say it of one call, so it is the difference of the percentiles. */
function difference(call: Times, host: Times): Times {
  const minus = (whole: number | null, part: number | null): number | null =>
    whole === null ? null : Math.max(0, whole - (part ?? 0));
  return {
    ratePerSecond: call.ratePerSecond,
    p50Ms: minus(call.p50Ms, host.p50Ms),
    p95Ms: minus(call.p95Ms, host.p95Ms),
    p99Ms: minus(call.p99Ms, host.p99Ms),
  };
}

function saturations(reports: readonly StageReport[], { call }: Sums): Readonly<Record<StageName, number>> {
  const fullest = (saturation: (report: StageReport) => number): number =>
    Math.min(1, Math.max(0, ...reports.map(saturation)));
  const measureOf = ({ measures }: StageReport, measure: StageMeasure["measure"]): Sum | undefined =>
    measures.find((each) => each.measure === measure);
  const busy = (report: StageReport, measure: StageMeasure["measure"]): number =>
    (measureOf(report, measure)?.sumMs ?? 0) / Math.max(1, report.spanMs);
  const attempts = reports.reduce((sum, report) => sum + report.attempts, 0);
  return {
    edge: fullest((report) => (report.isEdge ? report.threadShare : 0)),
    // What was sent again for want of an answer.
    bus: attempts === 0 ? 0 : Math.max(0, 1 - call.count / attempts),
    mailbox: fullest(({ waiting, waitingMax }) => (waitingMax === 0 ? 0 : waiting / waitingMax)),
    // In a process that is an edge as well, the thread is busy with more than flights.
    decide: fullest((report) =>
      !report.isHost
        ? 0
        : report.isEdge
          ? busy(report, "decide")
          : Math.max(busy(report, "decide"), report.threadShare),
    ),
    commit: fullest((report) => {
      const batches = measureOf(report, "database")?.count ?? 0;
      const commands = measureOf(report, "decide")?.count ?? 0;
      return batches === 0 || report.batchMax === 0 ? 0 : commands / batches / report.batchMax;
    }),
    database: fullest((report) => busy(report, "database")),
  };
}

/**
 * The fullest of those that are full. A lane whose transaction is always on its way counts, even where its batches have room for more: one
 * round trip after the other is all that it can do, and everybody behind waits for them.
 */
function limitingStage(saturation: Readonly<Record<StageName, number>>): StageName | null {
  return STAGES.filter((stage) => saturation[stage] >= FULL).reduce<StageName | null>(
    (fullest, stage) => (fullest === null || saturation[stage] > saturation[fullest] ? stage : fullest),
    null,
  );
}

/** Sums of times add up, unlike percentiles: each stage's own part of what requests for flights took in all. */
function timeShares({
  request,
  call,
  host,
  mailbox,
  decide,
  commit,
  database,
}: Sums): Readonly<Record<StageName, number>> {
  const committing = Math.max(0, commit.sumMs - decide.sumMs);
  const inDatabase = database.count === 0 ? 0 : (commit.count * database.sumMs) / database.count;
  const own: Readonly<Record<StageName, number>> = {
    edge: Math.max(0, request.sumMs - call.sumMs),
    bus: Math.max(0, call.sumMs - host.sumMs),
    mailbox: mailbox.sumMs,
    decide: decide.sumMs,
    commit: Math.max(0, committing - inDatabase),
    database: Math.min(committing, inDatabase),
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

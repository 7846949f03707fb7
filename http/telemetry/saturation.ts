/** Owns how full each stage of one process is, and which stage of all of them limits: the live view and the metrics both go by it. */

import type { StageReport } from "../../actors/bus/subjects.ts";

/** The stages that can be full. `commit`: the batches; `database`: the lane, which sends one after the other. */
export const SATURABLE = ["edge", "bus", "mailbox", "decide", "commit", "database"] as const;
export type Saturable = (typeof SATURABLE)[number];

export type Saturation = Readonly<Record<Saturable, number>>;

/** From here a stage counts as full. */
export const FULL = 0.85;

/**
 * From here a lane counts as full: between two batches it is idle for as long as those who were answered take to ask again, however much
 * they wait for it.
 */
const LANE_FULL = 0.7;

export function saturationOf(report: StageReport): Saturation {
  const { isEdge, isHost, threadShare, waiting, waitingMax, batchMax, calls, attempts } = report;
  const sumMs = (measure: string): number => report.measures.find((each) => each.measure === measure)?.sumMs ?? 0;
  const count = (measure: string): number => report.measures.find((each) => each.measure === measure)?.count ?? 0;
  const deciding = sumMs("decide") / Math.max(1, report.spanMs);
  const batches = count("database");
  const share = (part: number, whole: number): number => (whole <= 0 ? 0 : Math.min(1, Math.max(0, part / whole)));
  return {
    edge: isEdge ? threadShare : 0,
    // What was sent again for want of an answer.
    bus: share(attempts - calls, attempts),
    mailbox: Math.max(share(waiting, waitingMax), report.mailboxFullness),
    // In a process that is an edge as well, the thread is busy with more than flights.
    decide: !isHost ? 0 : isEdge ? Math.min(1, deciding) : Math.min(1, Math.max(deciding, threadShare)),
    commit: share(count("decide"), batches * batchMax),
    database: report.laneShare,
  };
}

/** Of several processes, the fullest. */
export function fullest(saturations: readonly Saturation[]): Saturation {
  const of = (stage: Saturable): number => Math.max(0, ...saturations.map((saturation) => saturation[stage]));
  return {
    edge: of("edge"),
    bus: of("bus"),
    mailbox: of("mailbox"),
    decide: of("decide"),
    commit: of("commit"),
    database: of("database"),
  };
}

/**
 * The stage that limits; null while none does. A mailbox that is full turns people away, whatever else is full. A thread without time left is
 * a hard end. A lane whose batch is always on its way is nothing unusual, since the next batch gathers meanwhile: it limits where requests
 * spend more of their time than in any other stage, or where nothing comes out of it any more. Commands are sent again when something
 * behind the bus is slow: it comes last.
 * @param timeShares of the time that requests took, what they spent in each stage
 * @param committed how many commands became durable
 */
export function limitingStage(
  saturation: Saturation,
  timeShares: Readonly<Record<Saturable, number>>,
  committed: number,
): Saturable | null {
  const isFull = (stage: Saturable): boolean => saturation[stage] >= FULL;
  if (isFull("mailbox")) return "mailbox";
  if (isFull("edge") || isFull("decide")) return saturation.edge >= saturation.decide ? "edge" : "decide";
  if (isFull("commit")) return "commit";
  const committing = timeShares.commit + timeShares.database;
  const isLongest = SATURABLE.every(
    (stage) => stage === "commit" || stage === "database" || timeShares[stage] <= committing,
  );
  if (saturation.database >= LANE_FULL && (isLongest || committed === 0)) return "database";
  return isFull("bus") ? "bus" : null;
}

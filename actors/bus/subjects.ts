/** Owns the subjects of the bus (DESIGN §8), and what travels on those that are broadcast: its types, and the schemas that check and document it. */

import type { EventType } from "../domain/event.ts";
import type { FlightId, SeatId } from "../domain/ids.ts";
import type { SeatState } from "../domain/reply.ts";
import { REQUEST_STAGES } from "../stages.ts";
import { TRACEPARENT } from "../tracing.ts";
import { flightId, seatId, seatState } from "./forms.ts";
import { bool, count, list, number, oneOf, open, optional, type Schema, text } from "./schema.ts";

/** A subject that carries `T`: the mark exists for the types alone. */
export type Subject<T> = string & { readonly carries?: T; readonly eachCarries?: never };

/** All subjects of one kind, `kind.*`: to subscribe to, never to publish on. */
export type Subjects<T> = string & { readonly eachCarries?: T; readonly carries?: never };

/** `seats.<flightId>`: what changed in the public seat map, after its commit. */
export interface SeatDelta {
  readonly flightId: FlightId;
  /**
   * Seat versions before and after. A subscriber whose version is not `from` has missed something, and reads the seat map. They are the same,
   * with no changes, where an owner says at which version the seats are because earlier deltas may not have been heard.
   */
  readonly from: number;
  readonly to: number;
  readonly changes: readonly { readonly seat: SeatId; readonly state: SeatState }[];
}

export function seatsSubject(flightId: FlightId): Subject<SeatDelta> {
  return `seats.${flightId}` as Subject<SeatDelta>;
}

/** `stat.<flightId>`: how a flight that is being asked for keeps up; about one a second, and none while nobody asks. */
export interface LoadSignal {
  readonly flightId: FlightId;
  /** Commands that wait in its mailbox. */
  readonly mailbox: number;
  /** 95 % of the commands since the last signal waited no longer than this before they were decided, in milliseconds. */
  readonly waitP95Ms: number;
  /** Commands since the last signal that were refused as OVERLOADED. */
  readonly overloaded: number;
  readonly seatsLeft: number;
}

export function statSubject(flightId: FlightId): Subject<LoadSignal> {
  return `stat.${flightId}` as Subject<LoadSignal>;
}

export const ALL_STATS = "stat.*" as Subjects<LoadSignal>;

/** `room.<flightId>`: what every edge must know of a waiting room at once. */
export interface RoomNotice {
  readonly flightId: FlightId;
  readonly epoch: number;
  /** Ids of passes that no longer count. */
  readonly revoked: readonly string[];
}

export function roomSubject(flightId: FlightId): Subject<RoomNotice> {
  return `room.${flightId}` as Subject<RoomNotice>;
}

export const ALL_ROOMS = "room.*" as Subjects<RoomNotice>;

/** One entry of a flight's journal, and traceparents of requests that it came of. */
export interface TracedEntry {
  readonly flightId: FlightId;
  readonly version: number;
  readonly traces: readonly string[];
}

/**
 * `journal.<type>`: events of the type are durable in these flights; a hint that spares consumers the wait for their next look. By type, so
 * that a crowd's holds cost nothing to who waits for payments.
 */
export interface JournalHint {
  readonly type: EventType;
  readonly flights: readonly FlightId[];
  /** What came of requests whose traces are kept, so that who follows the journal goes on with them. */
  readonly traces?: readonly TracedEntry[];
}

export function journalSubject(type: EventType): Subject<JournalHint> {
  return `journal.${type}` as Subject<JournalHint>;
}

export const ALL_JOURNALS = "journal.*" as Subjects<JournalHint>;

/** `shards.<incarnation>`: who owns what has changed, or is about to; a hint that spares the other hosts the wait for their next look. */
export interface ShardsNotice {
  readonly incarnation: string;
  /** A host that is leaving releases its shards one after another, and takes none. */
  readonly change: "joined" | "released" | "claimed" | "leaving" | "left";
}

export function shardsSubject(incarnation: string): Subject<ShardsNotice> {
  return `shards.${incarnation}` as Subject<ShardsNotice>;
}

export const ALL_SHARDS = "shards.*" as Subjects<ShardsNotice>;

export const STAGE_MEASURES = ["request", ...REQUEST_STAGES, "database"] as const;

/** What was measured of one kind of duration. */
export interface StageMeasure {
  /** `request`: at the edge, whatever it asks for. `database`: one try of one batch. The others: actors/stages.ts. */
  readonly measure: (typeof STAGE_MEASURES)[number];
  readonly count: number;
  /** Of all together, in milliseconds. */
  readonly sumMs: number;
  /** Step and count by turns: http/telemetry/step-histogram.ts says how wide a step is. */
  readonly steps: readonly number[];
}

/** The requests of one load run. */
export interface RunMeasure {
  readonly run: string;
  readonly count: number;
  readonly failed: number;
  readonly sumMs: number;
  readonly steps: readonly number[];
}

/** `stages.<process>`: what one process has measured of its stages in about a second. */
export interface StageReport {
  readonly process: string;
  /** For people: the machine, and the process on it. */
  readonly name: string;
  readonly isEdge: boolean;
  readonly isHost: boolean;
  readonly spanMs: number;
  /** The share of the span that the thread of the event loop has worked, 0 to 1. */
  readonly threadShare: number;
  /** Commands that wait in mailboxes, that may, and that fit into one batch. */
  readonly waiting: number;
  readonly waitingMax: number;
  readonly batchMax: number;
  /** How full the fullest mailbox has been, 0 to 1. */
  readonly mailboxFullness: number;
  /** The share of the span that the lane had a batch on its way, 0 to 1. */
  readonly laneShare: number;
  /** Calls of flights that began, and commands that were sent for them, repeats included. */
  readonly calls: number;
  readonly attempts: number;
  readonly measures: readonly StageMeasure[];
  readonly runs: readonly RunMeasure[];
}

export function stagesSubject(process: string): Subject<StageReport> {
  return `stages.${process}` as Subject<StageReport>;
}

export const ALL_STAGES = "stages.*" as Subjects<StageReport>;

/** `logs.<process>`: an operator has changed what all processes log. */
export interface LogNotice {
  readonly level: string;
  readonly parts: readonly { readonly part: string; readonly level: string }[];
}

export function logsSubject(process: string): Subject<LogNotice> {
  return `logs.${process}` as Subject<LogNotice>;
}

export const ALL_LOGS = "logs.*" as Subjects<LogNotice>;

/** One kind of broadcast: the first word of its subjects. */
export interface Broadcast {
  readonly summary: string;
  readonly schema: Schema<unknown>;
}

const seatDelta: Schema<SeatDelta> = open({
  flightId,
  from: count("Seat version before."),
  to: count("Seat version after."),
  changes: list(open({ seat: seatId, state: seatState }), 0, Number.MAX_SAFE_INTEGER),
});

const loadSignal: Schema<LoadSignal> = open({
  flightId,
  mailbox: count("Commands that wait."),
  waitP95Ms: number(
    "95 % of the commands since the last signal waited no longer before they were decided, in milliseconds.",
  ),
  overloaded: count("Commands since the last signal that were refused as OVERLOADED."),
  seatsLeft: count("Free seats."),
});

const roomNotice: Schema<RoomNotice> = open({
  flightId,
  epoch: count("Rises each time the room is opened anew."),
  revoked: list(text({ expected: "the id of a pass" }), 0, Number.MAX_SAFE_INTEGER, "Passes that no longer count."),
});

const journalHint: Schema<JournalHint> = open({
  type: text<EventType>({ expected: "a type of event" }),
  flights: list(flightId, 1, Number.MAX_SAFE_INTEGER, "Whose journals have new events of the type."),
  traces: optional(
    list(
      open({
        flightId,
        version: count("Of the entry."),
        traces: list(text({ pattern: TRACEPARENT, expected: "a traceparent of W3C Trace Context" }), 1, 64),
      }),
      0,
      Number.MAX_SAFE_INTEGER,
      "Entries that came of requests whose traces are kept.",
    ),
  ),
});

const shardsNotice: Schema<ShardsNotice> = open({
  incarnation: text({ expected: "one start of a host" }),
  change: oneOf(["joined", "released", "claimed", "leaving", "left"]),
});

const measured = {
  count: count(),
  sumMs: number("Of all together, in milliseconds."),
  steps: list(
    count(),
    0,
    Number.MAX_SAFE_INTEGER,
    "Step and count by turns; each step is 9 % wider than the one before.",
  ),
};

const stageReport: Schema<StageReport> = open({
  process: text({ expected: "one start of a process" }),
  name: text({ expected: "a machine and a process" }),
  isEdge: bool(),
  isHost: bool(),
  spanMs: number("What the report is about, in milliseconds."),
  threadShare: number("How much of it the thread of the event loop has worked, 0 to 1."),
  waiting: count("Commands that wait in mailboxes."),
  waitingMax: count(),
  batchMax: count("Commands that fit into one batch."),
  mailboxFullness: number("How full the fullest mailbox has been, 0 to 1."),
  laneShare: number("How much of the span the lane had a batch on its way, 0 to 1."),
  calls: count("Calls of flights that began."),
  attempts: count("Commands that were sent to flights, repeats included."),
  measures: list(open({ measure: oneOf(STAGE_MEASURES), ...measured }), 0, Number.MAX_SAFE_INTEGER),
  runs: list(open({ run: text({ expected: "a load run" }), failed: count(), ...measured }), 0, Number.MAX_SAFE_INTEGER),
});

const level = text({ expected: "a level" });

const logNotice: Schema<LogNotice> = open({
  level,
  parts: list(open({ part: text({ expected: "a part of the program" }), level }), 0, 64),
});

/** Every kind that there is. What comes from the wire is checked by its schema, and a kind that isn't listed here is not broadcast. */
export const BROADCASTS = {
  seats: {
    summary:
      "What changed in a flight's public seat map, after its commit. Whoever knows another version than `from` has missed something, " +
      "and reads the seat map. Without changes: where the seats are, told when earlier messages may not have been heard.",
    schema: seatDelta,
  },
  stat: {
    summary: "How a flight that is being asked for keeps up: about one a second, and none while nobody asks.",
    schema: loadSignal,
  },
  room: { summary: "What every edge must know of a waiting room at once.", schema: roomNotice },
  journal: {
    summary: "New events of a type are durable in some flights' journals: a hint to look, which may be lost.",
    schema: journalHint,
  },
  shards: {
    summary: "Who owns which flights is changing: a hint to the other hosts to look, which may be lost.",
    schema: shardsNotice,
  },
  logs: {
    summary: "What all processes are to log from now on.",
    schema: logNotice,
  },
  stages: {
    summary:
      "What one process has measured of its stages in about a second: for the operators' view of the bottleneck.",
    schema: stageReport,
  },
} as const satisfies Record<string, Broadcast>;

/** The schema of what is broadcast on a subject or on a kind of subjects. */
export function schemaOf(subject: string): Schema<unknown> | undefined {
  const kind = subject.slice(0, subject.indexOf("."));
  return Object.hasOwn(BROADCASTS, kind) ? BROADCASTS[kind as keyof typeof BROADCASTS].schema : undefined;
}

/** Owns the subjects of the bus (DESIGN §8), and what travels on those that are broadcast. */

import type { FlightId, SeatId } from "../domain/ids.ts";
import type { SeatState } from "../domain/reply.ts";

/** `seats.<flightId>`: what changed in the public seat map, after its commit. */
export interface SeatDelta {
  readonly flightId: FlightId;
  /** Seat versions before and after. A subscriber whose version is not `from` has missed something, and reads the seat map. */
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

/** `journal.<flightId>`: an entry with these types of events is durable; a hint that spares consumers the wait for their next look. */
export interface JournalHint {
  readonly flightId: FlightId;
  readonly types: readonly string[];
}

export function journalSubject(flightId: FlightId): Subject<JournalHint> {
  return `journal.${flightId}` as Subject<JournalHint>;
}

/** A subject that carries `T`: the mark exists for the types alone. */
export type Subject<T> = string & { readonly carries?: T };

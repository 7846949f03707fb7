/** Owns the port through which consumers follow the journals of all flights, each with a durable cursor of its own. */

import type { EventType } from "../../actors/domain/event.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { TailEntry } from "../../actors/journal.ts";

/** Some flights, by rising id. */
export interface Sweep {
  /** Those of them whose journal goes on after the consumer's cursor, with something of the types asked for. */
  readonly behind: readonly FlightId[];
  /** Those whose journal goes on with nothing of them, and where it ended. */
  readonly passed: readonly CursorMove[];
  /** Where the next sweep goes on; null when these were the last. */
  readonly next: FlightId | null;
}

/** A stretch of one journal, from the consumer's cursor on. */
export interface TailPage {
  /**
   * Those with an event of the types asked for, oldest first; entries that are older than their kinds come along. They are understood when
   * they are asked for, so that one which can't be is the trouble of its own flight, and not of those that were read with it.
   * @throws what is wrong with one of them
   */
  entries(): readonly TailEntry[];
  /** The version that the stretch reaches, and nothing of interest up to it is missing; 0 when there is nothing after the cursor. */
  readonly upTo: number;
  /** There was no more when it was read. */
  readonly isEnd: boolean;
}

export interface CursorMove {
  readonly flightId: FlightId;
  readonly version: number;
}

/**
 * A consumer is one relay at a time; two of one name would repeat effects, but lose none.
 * A consumer without a cursor in a flight begins before its first entry: a new one sees everything.
 */
export interface JournalTail {
  /**
   * Looks at up to `limit` flights after `after`; null begins with the first.
   * @param types of events; null is for whoever all of them concern
   */
  sweep(consumer: string, types: readonly EventType[] | null, after: FlightId | null, limit: number): Promise<Sweep>;

  /**
   * Reads of each flight up to `limit` entries after the consumer's cursor that have an event of `types`: most entries concern no consumer.
   * @param flights read together, so they have to be few
   * @returns the page of each, with one of nothing for a flight that isn't known
   */
  read(
    consumer: string,
    flights: readonly FlightId[],
    types: readonly EventType[],
    limit: number,
  ): Promise<ReadonlyMap<FlightId, TailPage>>;

  /** Sets the cursors, all of them or none, durably. To be called after the effects are durable. */
  advance(consumer: string, moves: readonly CursorMove[]): Promise<void>;
}

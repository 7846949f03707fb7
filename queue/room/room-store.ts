/**
 * Owns the port to what all edges share of the waiting rooms: places, the threshold, the door and its passes. Each call is one atomic step.
 *
 * The store may lose everything, or fall back to an older copy of itself. It notices by itself, and then knows no room any more: calls
 * about one give null until {@link RoomStore.restore} has brought it back from what the database has.
 */

import type { FlightId, MemberId } from "../../actors/domain/ids.ts";

/** One epoch of a flight's room. */
export interface RoomId {
  readonly flightId: FlightId;
  readonly epoch: number;
}

/** What the door goes by. Whichever call brings the newest sets it for all. */
export interface DoorRules {
  /** When they were changed. */
  readonly changedAtMs: number;
  readonly isPaused: boolean;
  readonly admitPerMinute: number;
  readonly passTtlMs: number;
  /** Passes that may be valid at once, whatever the pacer decided before it knew; null: as many as it decides. */
  readonly maxActive: number | null;
}

export interface JoinAsk {
  readonly member: MemberId;
  /** Of a ticket that comes back; null: none. */
  readonly seq: number | null;
}

export type JoinAnswer =
  | { readonly kind: "place"; readonly seq: number; readonly isNew: boolean }
  /** No place above the ceiling is given out, and `seqHigh` is at it: it must be raised, durably, before the next try. */
  | { readonly kind: "full"; readonly seqHigh: number }
  /** The ticket's place was used, or nobody came for it in time, and the member has no other: without it they begin anew. */
  | { readonly kind: "over" };

export interface DoorAsk {
  readonly member: MemberId;
  /** Of a ticket whose signature was checked. */
  readonly seq: number;
  /** Its number in the order in which people are let in. */
  readonly place: number;
}

export interface Pass {
  /** The place that it was given for; within an epoch it names the pass. */
  readonly seq: number;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

export type DoorAnswer =
  | { readonly kind: "pass"; readonly pass: Pass; readonly isNew: boolean }
  /** Not reached yet. */
  | { readonly kind: "waiting"; readonly admitted: number }
  /** In the line of those at the door; `ahead` of them stand there now. */
  | { readonly kind: "at-door"; readonly ahead: number }
  /** The place was used, or nobody came for it in time. */
  | { readonly kind: "over" }
  /** The member has an earlier place than the ticket says: ask with it. */
  | { readonly kind: "other"; readonly seq: number };

/** A pass as the database has it. */
export interface MemberPass extends Pass {
  readonly member: MemberId;
  /** When it ended before its time; null: it did not. */
  readonly endedAtMs: number | null;
}

/** What is left of a room when the store has lost it. */
export interface RoomRemains {
  readonly admitted: number;
  readonly seqHigh: number;
  readonly seqCeiling: number;
  /** The highest place that the caller has seen. */
  readonly seqKnown: number;
  /** What earlier losses have skipped, by rising places. */
  readonly gaps: readonly Gap[];
  /** How many places were frozen; null: they are not. */
  readonly frozen: number | null;
  readonly rules: DoorRules;
  /** Every pass that was handed out in this epoch: one a member, the latest. */
  readonly passes: readonly MemberPass[];
}

/** Places that nobody has, but for a few whose tickets may come back: `from` is the first, `to` the last. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** What is known of a room at one moment. No part of it grows with the number of people who wait. */
export interface Glance {
  /** The highest place that was given out. */
  readonly seqHigh: number;
  readonly seqCeiling: number;
  readonly gaps: readonly Gap[];
  readonly admitted: number;
  readonly frozen: number | null;
  /** Passes that are valid. */
  readonly active: number;
  /** People who stand at the door. */
  readonly atDoor: number;
  /** How many places have come to the door, ever. */
  readonly shown: number;
  /** What the pacer decided last; null before its first decision. */
  readonly pace: Pace | null;
  /** Passes that were revoked since the cursor, and the cursor for the next time. */
  readonly revoked: readonly RevokedPass[];
  readonly cursor: number;
}

export interface RevokedPass {
  readonly seq: number;
  readonly expiresAtMs: number;
}

export interface Pace {
  /** Passes a minute that the door gives now; at most `admitPerMinute`. */
  readonly ratePerMinute: number;
  /** Passes that may be valid at once. */
  readonly activeMax: number;
  /** Null while nobody knows. */
  readonly seatsLeft: number | null;
}

export interface Raise extends Pace {
  /** Never falls: a lower one leaves it as it is. */
  readonly admitted: number;
  readonly rules: DoorRules;
  /** For the room's own journal; null when there is nothing to note. */
  readonly note: string | null;
}

export interface Lease {
  /** Rises with each holder: what an earlier one decides is refused. */
  readonly fence: number;
}

/** Some of those who have a place, in no order. */
export interface PlacesPage {
  readonly places: readonly { readonly member: MemberId; readonly seq: number }[];
  /** Null at the end. */
  readonly next: string | null;
}

/** How long a place that was reached is counted on, in milliseconds; after that nobody waits for it. */
export const CLAIM_WINDOW_MS = 60_000;
/** How long it is kept after that, in milliseconds. */
export const GRACE_MS = 600_000;
/** Somebody who has not asked for so long no longer stands at the door, in milliseconds: three times as long as they are told to wait. */
export const PRESENCE_MS = 9_000;
/** After a loss the door gives no new pass for so long, in milliseconds: whoever stood at it has asked again by then. */
export const RESTORED_SHUT_MS = 4_000;
/** Entries that a room's own journal keeps. */
export const ROOM_JOURNAL_MAX = 500;

/**
 * Times are cluster time in milliseconds since the Unix epoch; for a room they never run backwards, whoever's clock is behind.
 * Every call throws OperationalError UNAVAILABLE when the store is out of reach, and may have happened then: each may be repeated.
 */
export interface RoomStore {
  /** Brings a room back, or makes it: the counter goes on above everything that may have been given out, the threshold does not fall. */
  restore(room: RoomId, remains: RoomRemains, nowMs: number): Promise<void>;

  /**
   * One place a member, the same however often they ask; the next is one higher than the one before. A member whose place is over gets a
   * new one at the end, when they ask without a ticket.
   * @param seqKnown the highest place that the caller has seen, `ceiling` the highest that may be given out
   */
  join(
    room: RoomId,
    asks: readonly JoinAsk[],
    seqKnown: number,
    ceiling: number,
  ): Promise<readonly JoinAnswer[] | null>;

  /**
   * The door: the pass that the member has; or a new one if the place is reached, `activeMax` and the rate leave one for the member and
   * for everybody at the door whose place is lower, and a seat for each of them beside everybody who has a pass; otherwise a place in the
   * line of those at the door. Whoever stands first there waits for no seat.
   */
  door(room: RoomId, ask: DoorAsk, rules: DoorRules, nowMs: number): Promise<DoorAnswer | null>;

  /** Ends a member's pass and place, if it is still this one. @returns false when there was nothing to end */
  end(room: RoomId, member: MemberId, pass: RevokedPass, nowMs: number): Promise<boolean | null>;

  /**
   * Takes back the pass of a member that nobody could write down, and that was therefore handed to nobody: they stand at the door again.
   * @returns false when there is no such pass any more
   */
  takeBack(room: RoomId, ask: DoorAsk, nowMs: number): Promise<boolean | null>;

  /** Whether the pacer's decision was taken: not one of a pacer whose lease somebody else has by now. */
  raise(room: RoomId, fence: number, raise: Raise, nowMs: number): Promise<boolean | null>;

  /** @param cursor from the last glance; 0 for all that were revoked and have not expired */
  glance(room: RoomId, cursor: number, nowMs: number): Promise<Glance | null>;

  /** Freezes the line and gives how many places it has, now and for ever. */
  freeze(room: RoomId): Promise<number | null>;

  /** Everybody who has a place, page by page. @param cursor null at the beginning */
  places(room: RoomId, cursor: string | null): Promise<PlacesPage | null>;

  /** The latest entries of the room's own journal, the newest first; none when the store has lost them. */
  journal(room: RoomId, limit: number): Promise<readonly string[]>;

  /** Takes or keeps the lease that only one process of all has; null while somebody else has it. */
  lease(holder: string, ttlMs: number, nowMs: number): Promise<Lease | null>;

  /** Gives the lease back, if it is the holder's. */
  release(holder: string): Promise<void>;

  /** Lets go of all that the store has of a room. */
  forget(room: RoomId): Promise<void>;
}

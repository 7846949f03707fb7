/** Owns the port to what the database keeps of waiting rooms: what they are set to, how far they have come, and every pass that was handed out. */

import type { FlightId, MemberId, ReservationId } from "../../actors/domain/ids.ts";
import type { Hash } from "./draw/hash.ts";
import type { Room, RoomChanging, RoomCheckpoint } from "./room.ts";
import type { MemberPass, Pass, RoomId } from "./room-store.ts";

/** Somebody's reservation has come to its end, or was paid for. */
export interface Leaving {
  readonly flightId: FlightId;
  readonly reservation: ReservationId;
  readonly atMs: number;
}

export interface Departure {
  readonly epoch: number;
  readonly pass: MemberPass;
}

/** Each call is one transaction. Throws what the database does, when it is out of reach. */
export interface RoomBook {
  /** Rooms that were ever on, and changed at that time or later; 0 gives all. */
  rooms(changedSinceMs: number): Promise<readonly Room[]>;

  room(flightId: FlightId): Promise<Room | null>;

  /** Changes a room by what `decide` makes of it, while nobody else changes it. */
  change(flightId: FlightId, decide: (current: Room | null) => RoomChanging): Promise<RoomChanging>;

  /** Notes how far the room of this epoch has come; numbers only rise. Nothing happens to a later epoch. */
  note(room: RoomId, at: Omit<RoomCheckpoint, "seqCeiling">): Promise<void>;

  /** Lets places up to `seqCeiling` be given out. @returns the ceiling, as it is durable now; 0 when the epoch is over */
  raiseCeiling(room: RoomId, seqCeiling: number): Promise<number>;

  /** Keeps the frozen line. The first one stands. @param blockRoots of the tree over it: see draw/freeze.ts */
  freeze(room: RoomId, n: number, root: Hash, blockRoots: Uint8Array, atMs: number): Promise<void>;

  /** Keeps some leaves of the line that is being frozen. The same again is harmless. */
  keepLeaves(room: RoomId, block: number, leaves: Uint8Array): Promise<void>;

  /** Null when there is no such block. */
  leaves(room: RoomId, block: number): Promise<Uint8Array | null>;

  /** Null before the line is frozen. */
  blockRoots(room: RoomId): Promise<Uint8Array | null>;

  /** Keeps what the beacon said; with it the order is decided. The first one stands. */
  draw(room: RoomId, beaconValue: Uint8Array | null, atMs: number): Promise<void>;

  /**
   * Writes passes down before they are handed out: each member has one, and a later one only after the one before has ended.
   * @returns for each what is handed out: this pass, or the one that is there already. One that has ended comes back as it is when it was for the same place
   */
  issue(
    room: RoomId,
    passes: readonly (Pass & { readonly member: MemberId })[],
    nowMs: number,
  ): Promise<readonly MemberPass[]>;

  /** Every pass that was handed out in the epoch: the latest of each member. */
  passes(room: RoomId): Promise<readonly MemberPass[]>;

  /** Passes that were ended before their time and have not expired yet. */
  revoked(room: RoomId, nowMs: number): Promise<readonly Pass[]>;

  /**
   * Ends the passes by which these reservations were made, in the rooms of today of their flights: none that was given out after that.
   * @param leaving read together, so they have to be few
   * @returns for each the pass, also when it was ended before; null when there is none to end
   */
  depart(leaving: readonly Leaving[]): Promise<readonly (Departure | null)[]>;
}

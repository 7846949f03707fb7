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

/** A subject that carries `T`: the mark exists for the types alone. */
export type Subject<T> = string & { readonly carries?: T };

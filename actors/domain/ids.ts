/** Owns the names of things, and the function from a flight to its shard. */

/** `airline-number[suffix]-departure date-origin`, matching {@link FLIGHT_ID}: it stands in bus subjects and paths. */
export type FlightId = string;
export type MemberId = string;
export type ReservationId = string;
/** One try at paying for one reservation; the only name that a payment has between us and a provider. */
export type AttemptId = string;
/** `12A`: row, then column letter. */
export type SeatId = string;
/** One letter of the aircraft configuration: `F J W Y`… */
export type Cabin = string;

export const FLIGHT_ID = /^[A-Za-z0-9-]{1,48}$/;

/** The unit of ownership (DESIGN §3). Changing it is a stopped operation: every shard number in the database changes. */
export const SHARDS = 256;

/** FNV-1a, 32 bit, modulo 256: what a NATS server computes for `{{partition(256,1)}}`. */
export function shardOf(flightId: FlightId): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < flightId.length; at++) {
    hash = Math.imul(hash ^ flightId.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0) % SHARDS;
}

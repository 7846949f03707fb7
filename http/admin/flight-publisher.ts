/** Owns the port by which flights get into the catalogue, and the shape in which it takes them, whoever plans them. */

import type { Cabin, FlightId } from "../../actors/domain/ids.ts";
import type { Money } from "../../actors/domain/money.ts";

export interface CabinSize {
  /** One letter, as the aircraft configuration names it: `F J W Y`… */
  readonly cabin: Cabin;
  /** Seats, at least one. */
  readonly capacity: number;
}

export interface PlannedCabin extends CabinSize {
  /** What one seat of the cabin costs. */
  readonly fare: Money;
}

/** One leg on one date. Its seats follow from `aircraft` and `cabins`. */
export interface PlannedFlight {
  readonly id: FlightId;
  /** Airline designator of two or three characters. */
  readonly airline: string;
  readonly number: number;
  /** Operational suffix, one letter. */
  readonly suffix?: string;
  /** IATA codes of the airports. */
  readonly origin: string;
  readonly destination: string;
  /** Milliseconds since the Unix epoch. */
  readonly departsAtMs: number;
  readonly arrivesAtMs: number;
  /** ISO 8601 with the offset of the place: `2026-12-01T08:00:00+09:00`. */
  readonly departsLocal: string;
  readonly arrivesLocal: string;
  /** Date of `departsLocal`: `2026-12-01`. */
  readonly localDate: string;
  /** IATA aircraft type: `738`. */
  readonly aircraft: string;
  /** Front to back. */
  readonly cabins: readonly PlannedCabin[];
}

export interface FlightPublisher {
  /** Adds the flights that the catalogue doesn't have, and changes none of those that it has; says how many it added. */
  publish(flights: Iterable<PlannedFlight>): Promise<{ readonly added: number }>;
}

/** Owns the shape in which the catalogue plans a flight, whether an SSIM file or the demo timetable says so. */

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

/** One leg on one date. Its seats follow from `aircraft` and `cabins` (layout.ts). */
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

/** The name of a flight: `XX-102-2005-05-23-RUN`, `XX-974Z-2005-05-23-RUN`. The date is the local one at the origin. */
export function flightIdOf(
  airline: string,
  number: number,
  suffix: string | undefined,
  localDate: string,
  origin: string,
): FlightId {
  return `${airline}-${number}${suffix ?? ""}-${localDate}-${origin}`;
}

const MS_PER_MINUTE = 60_000;

/** ISO 8601 of an instant at a place whose clocks are `offsetMinutes` ahead of UTC. */
export function localIso(atMs: number, offsetMinutes: number): string {
  const clock = new Date(atMs + offsetMinutes * MS_PER_MINUTE).toISOString().slice(0, 19);
  const sign = offsetMinutes < 0 ? "-" : "+";
  const hours = Math.floor(Math.abs(offsetMinutes) / 60);
  const minutes = Math.abs(offsetMinutes) % 60;
  return `${clock}${sign}${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

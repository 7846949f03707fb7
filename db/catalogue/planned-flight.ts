/** Owns the names and local times of planned flights, whether an SSIM file or the demo timetable plans them. */

import type { FlightId } from "../../actors/domain/ids.ts";

export type { CabinSize, PlannedCabin, PlannedFlight } from "../../http/admin/flight-publisher.ts";

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

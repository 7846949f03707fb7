/** Owns which path segments can name a flight. */

import { FLIGHT_ID, type FlightId } from "../actors/domain/ids.ts";
import { Problem } from "./problem.ts";

/**
 * @param segment null when the path was not valid UTF-8, whatever Elysia's types say [1.4.30]
 * @throws Problem 404 FLIGHT_NOT_FOUND
 */
export function flightIdOf(segment: string | null): FlightId {
  if (segment !== null && FLIGHT_ID.test(segment)) return segment;
  throw flightNotFound();
}

export function flightNotFound(): Problem {
  return new Problem(404, "FLIGHT_NOT_FOUND", "There is no such flight.");
}

/** Owns the port to the light check of one flight. */

import type { FlightId } from "../../actors/domain/ids.ts";

export interface CheckedFlight {
  /** At which the flight was looked at. */
  readonly version: number;
  /** What of its rows is not what its journal says, each in a sentence; nothing where all agrees. */
  readonly findings: readonly string[];
}

export interface Checkups {
  /** Looks at the flight as committed, in one consistent view that begins after the call; null if there is none. Changes nothing. */
  check(flightId: FlightId): Promise<CheckedFlight | null>;
}

/** Owns which free seats are offered in place of taken ones. */
import type { SeatId } from "./ids.ts";
import type { FlightState } from "./state.ts";

/** How many seats are offered in place of taken ones. */
export const ALTERNATIVES_MAX = 6;

export function nearestFree(state: FlightState, _taken: readonly SeatId[]): readonly SeatId[] {
  return state.plan.seatPlan.seats
    .flatMap(({ seat }, index) => (state.isFree(index) ? [seat] : []))
    .slice(0, ALTERNATIVES_MAX);
}

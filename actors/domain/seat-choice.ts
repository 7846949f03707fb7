/** Owns which seats are chosen for passengers who named none. */
import type { HoldArgs } from "./command.ts";
import type { FlightState } from "./state.ts";

/** @returns for each passenger a seat index (null for infants), or null when not enough seats are free. */
export function chooseSeats(
  state: FlightState,
  args: HoldArgs,
  named: readonly (number | null)[],
): readonly (number | null)[] | null {
  const taken = new Set(named);
  const chosen: (number | null)[] = [];
  for (const [ordinal, { type }] of args.passengers.entries()) {
    const wanted = named[ordinal] ?? null;
    if (wanted !== null || type === "INF") chosen.push(wanted);
    else {
      const free = state.plan.seatPlan.seats.findIndex((_, index) => state.isFree(index) && !taken.has(index));
      if (free === -1) return null;
      taken.add(free);
      chosen.push(free);
    }
  }
  return chosen;
}

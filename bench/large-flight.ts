/** Owns the flights of the benches: as large as seat names allow, so that a run never sells out. */

import { type FlightPlan, type PlannedSeat, SeatPlan } from "../actors/domain/plan.ts";

export const ROWS = 999;
const COLUMNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** 25,974 seats. */
export const LARGE_PLAN = new SeatPlan(
  Array.from({ length: ROWS }, (_, row) =>
    [...COLUMNS].map(
      (column): PlannedSeat => ({ seat: `${row + 1}${column}`, cabin: "Y", row: row + 1, column, features: [] }),
    ),
  ).flat(),
);

/** All but the last one, which a bench takes before anything is measured, so that the flight is loaded. */
export const SEATS = LARGE_PLAN.seats.slice(0, -1).map(({ seat }) => seat);

export const FIRST_TAKEN = LARGE_PLAN.at(LARGE_PLAN.capacity - 1).seat;

export function benchFlightId(number: number): string {
  return `BN-${number}-2030-01-31-ICN`;
}

export function benchPlan(number: number): FlightPlan {
  return {
    flightId: benchFlightId(number),
    departsAtMs: Date.UTC(2030, 0, 31),
    currency: "KRW",
    fareByCabin: { Y: 90_000 },
    seatPlan: LARGE_PLAN,
  };
}

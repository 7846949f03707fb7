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

export const SEATS = LARGE_PLAN.seats.map(({ seat }) => seat);

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

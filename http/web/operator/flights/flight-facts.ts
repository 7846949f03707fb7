/** Owns what operators see of a flight, as the public API tells it. */

import type { RoomStatus } from "../../room/facts.ts";

export type SeatState = "free" | "held" | "sold" | "blocked";

export interface FlightFacts {
  readonly id: string;
  readonly airline: string;
  readonly number: string;
  readonly origin: string;
  readonly destination: string;
  readonly departsLocal: string;
  readonly cabins: readonly { readonly cabin: string; readonly capacity: number; readonly free: number }[];
  readonly waitingRoom: RoomStatus["state"];
}

/** For each cabin, how many seats are in each state. */
export type SeatCounts = ReadonlyMap<string, Readonly<Record<SeatState, number>>>;

/** Owns what the catalogue says of a flight: what it is before anything is sold, and never changes behind its actor's back. */

import { assert } from "../assert.ts";
import type { Cabin, FlightId, SeatId } from "./ids.ts";
import type { Currency } from "./money.ts";

/** What is said of a seat: `WINDOW AISLE MIDDLE EXIT FRONT`. */
export type SeatFeature = string;

export const EXIT: SeatFeature = "EXIT";

export interface PlannedSeat {
  readonly seat: SeatId;
  readonly cabin: Cabin;
  readonly row: number;
  /** Column letter. */
  readonly column: string;
  readonly features: readonly SeatFeature[];
}

/** The seats of an aircraft in one configuration, front to back and left to right; shared by all flights that fly it. */
export class SeatPlan {
  readonly seats: readonly PlannedSeat[];
  /** Cabins in the order in which they stand in the aircraft. */
  readonly cabins: readonly Cabin[];
  /** Seats of each cabin, in the order of `cabins`. */
  readonly capacityByCabin: readonly number[];
  /** For each seat, the index of its cabin in `cabins`. */
  readonly cabinIndex: Uint8Array;
  readonly #indexBySeat = new Map<SeatId, number>();

  constructor(seats: readonly PlannedSeat[]) {
    this.seats = seats;
    const cabins: Cabin[] = [];
    const capacityByCabin: number[] = [];
    this.cabinIndex = Uint8Array.from(seats, (planned, index) => {
      assert(!this.#indexBySeat.has(planned.seat), () => `a seat stands once in its plan: ${planned.seat}`);
      this.#indexBySeat.set(planned.seat, index);
      if (!cabins.includes(planned.cabin)) cabins.push(planned.cabin);
      const cabin = cabins.indexOf(planned.cabin);
      capacityByCabin[cabin] = (capacityByCabin[cabin] ?? 0) + 1;
      return cabin;
    });
    this.cabins = cabins;
    this.capacityByCabin = capacityByCabin;
  }

  get capacity(): number {
    return this.seats.length;
  }

  /** Position of the seat in `seats`, or undefined when the aircraft has no such seat. */
  indexOf(seat: SeatId): number | undefined {
    return this.#indexBySeat.get(seat);
  }

  at(index: number): PlannedSeat {
    const seat = this.seats[index];
    assert(seat !== undefined, () => `seat ${index} of ${this.seats.length}`);
    return seat;
  }
}

export interface FlightPlan {
  readonly flightId: FlightId;
  /** When it leaves, in milliseconds since the epoch: nothing is sold from then on. */
  readonly departsAtMs: number;
  readonly currency: Currency;
  /** For each cabin of the seat plan, the fare of one seat, in minor units. */
  readonly fareByCabin: Readonly<Record<Cabin, number>>;
  readonly seatPlan: SeatPlan;
}

/** What a seat of the cabin costs, in minor units. */
export function fareOf(plan: FlightPlan, cabin: Cabin): number {
  const fare = plan.fareByCabin[cabin];
  assert(fare !== undefined, () => `cabin ${cabin} of ${plan.flightId} has a fare`);
  return fare;
}

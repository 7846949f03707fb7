/** Owns who asks for which seat of which flight: the same answer for the generator that asks, and for the check that looks the seat up afterwards. */
import { assert, present } from "../../actors/assert.ts";

/**
 * `spread`: over all flights in turn. `in-turn`: one hot flight at a time, the next when all its seats were asked for.
 * `refused`: of one flight, the first seats are taken at once, and then nineteen of twenty ask for one of those again.
 * `taken`: of one flight, the first request takes a seat, and all others ask for the same one.
 */
export type VisitOrder = "spread" | "in-turn" | "refused" | "taken";

export interface VisitOptions {
  /** Ids. */
  readonly flights: readonly string[];
  /** Seats that are named, in turn. Without them the server chooses. */
  readonly seats?: readonly string[];
  /** @default "spread" */
  readonly order?: VisitOrder;
  /** Of `spread`: visits that each flight has had from former runs. @default 0 */
  readonly visitsBefore?: number;
}

export interface Visit {
  /** Which of the flights. */
  readonly flight: number;
  /** How many visits this flight has had before. */
  readonly visit: number;
  /** Which of the seats; 0 without seats. */
  readonly seat: number;
}

/** Seats that are taken first, for everybody who is refused. */
export const TAKEN_SEATS = 26;

/** One request in so many is for a free seat: 95 % are refused. */
export const REFUSED_ONE_IN = 20;

export function visitOf(options: VisitOptions, sequence: number): Visit {
  const { flights, seats = [], order = "spread", visitsBefore = 0 } = options;
  const kinds = Math.max(1, seats.length);
  if (order === "spread") {
    const visit = visitsBefore + Math.floor(sequence / flights.length);
    return { flight: sequence % flights.length, visit, seat: visit % kinds };
  }
  if (order === "in-turn") {
    const flight = Math.floor(sequence / kinds) % flights.length;
    return { flight, visit: sequence % kinds, seat: sequence % kinds };
  }
  if (order === "taken") return { flight: 0, visit: sequence, seat: 0 };
  const later = sequence - TAKEN_SEATS;
  const isFree = later >= 0 && later % REFUSED_ONE_IN === 0;
  const seat = isFree ? TAKEN_SEATS + Math.floor(later / REFUSED_ONE_IN) : sequence % TAKEN_SEATS;
  return { flight: 0, visit: sequence, seat: seat % kinds };
}

/** What a request asks for, by name. @throws AssertionFailed without seats */
export function seatOf(options: VisitOptions, sequence: number): { readonly flightId: string; readonly seat: string } {
  const { flight, seat } = visitOf(options, sequence);
  assert(options.seats !== undefined, "the visits name their seats");
  return { flightId: present(options.flights[flight], "a flight"), seat: present(options.seats[seat], "a seat") };
}

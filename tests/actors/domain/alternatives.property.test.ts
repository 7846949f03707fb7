/**
 * Goal: whatever was taken and given back meanwhile, and whatever was asked before, the seats that are offered are the nearest ones that are
 * free now, as a plain look at every seat finds them.
 */

import { expect, test } from "bun:test";
import fc from "fast-check";
import { ALTERNATIVES_MAX, nearestFree } from "../../../actors/domain/alternatives.ts";
import { seatRows } from "../../../actors/domain/seat-rows.ts";
import { FlightState } from "../../../actors/domain/state.ts";
import { givenPlan, givenSeatPlan } from "../../support/given.ts";

interface Course {
  readonly cabins: readonly { readonly cabin: "J" | "Y"; readonly rows: number; readonly columns: string }[];
  /** Each moves a seat, if it is free or not, or asks for one or two that are not. */
  readonly steps: readonly (readonly [first: number, second: number, isAsking: boolean])[];
}

const courses: fc.Arbitrary<Course> = fc.record({
  cabins: fc.constantFrom<Course["cabins"]>(
    [{ cabin: "Y", rows: 5, columns: "ABC DEF" }],
    [
      { cabin: "J", rows: 2, columns: "A DG K" },
      { cabin: "Y", rows: 3, columns: "AC DF" },
    ],
  ),
  steps: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { minLength: 20, maxLength: 150 }),
});

/** How far each seat is from the nearest that was asked for. */
function distanceOf(state: FlightState, asked: readonly number[]): (seat: number) => number {
  const { rowOfSeat, columnOfSeat } = seatRows(state.plan.seatPlan);
  const at = (seat: number) => ({ row: rowOfSeat[seat] ?? 0, column: columnOfSeat[seat] ?? 0 });
  return (seat) =>
    Math.min(
      ...asked.map(
        (other) => 2 * Math.abs(at(other).row - at(seat).row) + Math.abs(at(other).column - at(seat).column),
      ),
    );
}

/** Distances of the nearest free seats: in the cabins asked for, or else in the others. */
function nearestDistances(state: FlightState, asked: readonly number[]): number[] {
  const { seatPlan } = state.plan;
  const free = seatPlan.seats
    .keys()
    .filter((seat) => state.isFree(seat))
    .toArray();
  const cabins = new Set(asked.map((seat) => seatPlan.cabinIndex[seat]));
  const own = free.filter((seat) => cabins.has(seatPlan.cabinIndex[seat]));
  return (own.length > 0 ? own : free)
    .map(distanceOf(state, asked))
    .sort((a, b) => a - b)
    .slice(0, ALTERNATIVES_MAX);
}

/** The same seats taken, and nothing remembered. */
function afresh(state: FlightState): FlightState {
  const fresh = new FlightState(state.plan);
  for (const seat of state.plan.seatPlan.seats.keys())
    if (!state.isFree(seat)) fresh.moveSeat(seat, "free", "held", "somebody");
  return fresh;
}

test("nearestFree() offers the nearest of what is free now", () => {
  fc.assert(
    fc.property(courses, ({ cabins, steps }) => {
      const seatPlan = givenSeatPlan(cabins);
      const state = new FlightState(givenPlan({ seatPlan }));
      let taken: number[] = [];
      for (const [first, second, isAsking] of steps) {
        const asked = [...new Set([first, second].map((each) => taken[each % taken.length] ?? -1))];
        if (isAsking && taken.length > 0) {
          const names = asked.map((seat) => seatPlan.at(seat).seat);
          const offered = nearestFree(state, names);
          const seats = offered.map((seat) => seatPlan.indexOf(seat) ?? -1);
          expect(seats.every((seat) => state.isFree(seat))).toBe(true);
          expect(new Set(seats).size).toBe(seats.length);
          expect(seats.map(distanceOf(state, asked))).toEqual(nearestDistances(state, asked));
          expect(offered).toEqual(nearestFree(afresh(state), names));
        } else {
          const seat = first % seatPlan.capacity;
          if (state.isFree(seat)) {
            state.moveSeat(seat, "free", "held", "somebody");
            taken.push(seat);
          } else if (second % 3 === 0) {
            state.moveSeat(seat, "held", "free", "somebody");
            taken = taken.filter((each) => each !== seat);
          }
          state.seatVersion += 1;
        }
      }
    }),
  );
});

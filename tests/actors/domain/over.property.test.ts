/**
 * Goal: whatever is asked of a flight, in whatever order and at whatever time, nobody can tell from its answers how many ends of holds a turn
 * tells of: as if all that is over had ended at once. And its journal alone makes the same flight again.
 */

import { expect, test } from "bun:test";
import fc from "fast-check";
import type { FlightPlan } from "../../../actors/domain/plan.ts";
import { DEFAULT_RULES } from "../../../actors/domain/rules.ts";
import { givenPlan } from "../../support/given.ts";
import { flightCommands, holds, moneyCommands } from "./model/flight-commands.ts";
import type { FlightModel } from "./model/flight-model.ts";
import type { RealFlight } from "./model/real-flight.ts";
import { TwinFlight, UnforgettingModel } from "./model/twin-flight.ts";

const TIME_MS_MAX = 60_000;

/** Nearly every step in time ends all holds that there are. */
const rules = { ...DEFAULT_RULES, holdTtlMs: 60_000, seatsPerMember: 9, keysPerMember: 24, keysPerFlight: 64 };

const twoCabins = givenPlan({
  cabins: [
    { cabin: "J", rows: 1, columns: "A DG K" },
    { cabin: "Y", rows: 3, columns: "AC DF", exitRows: [3] },
  ],
});

const fewSeats = givenPlan({ cabins: [{ cabin: "Y", rows: 1, columns: "AC DF" }] });

function many<T>(one: T): T[] {
  return Array.from({ length: 6 }, () => one);
}

function check(plan: FlightPlan, commands: fc.Arbitrary<Iterable<fc.Command<FlightModel, RealFlight>>>, runs: number) {
  let turnsBehind = 0;
  fc.assert(
    fc.property(commands, fc.constantFrom(0, 0, 1, 4), (steps, endedRowsMax) => {
      const model = new UnforgettingModel(plan, rules);
      const real = new TwinFlight(plan, rules, endedRowsMax);
      fc.modelRun(() => ({ model, real }), steps);
      turnsBehind += real.turnsBehind;
      real.checkLoads();
    }),
    { numRuns: runs, includeErrorInReport: true },
  );
  // Flights that are never behind show nothing.
  expect(turnsBehind).toBeGreaterThan(runs / 4);
}

test(
  "a flight that tells of few ends a turn answers as one that tells of all",
  () => {
    const seats = twoCabins.seatPlan.seats.map(({ seat }) => seat);
    check(
      twoCabins,
      fc.commands([...many(holds(seats, ["J", "Y"])), ...flightCommands(seats, ["J", "Y", "W"])], {
        maxCommands: 80,
        size: "max",
      }),
      500,
    );
  },
  TIME_MS_MAX,
);

test(
  "and so where payments come early, late, twice, and for seats that others want",
  () => {
    const seats = fewSeats.seatPlan.seats.map(({ seat }) => seat);
    check(
      fewSeats,
      fc.commands([...many(holds(seats, ["Y"])), ...moneyCommands(seats, ["Y"])], { maxCommands: 80, size: "max" }),
      400,
    );
  },
  TIME_MS_MAX,
);

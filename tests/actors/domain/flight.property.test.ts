/**
 * Goal: whatever is asked of a flight, in whatever order and at whatever time, it answers as the rules say (I5), every seat is
 * in one state (I7), every captured payment has one end (I8), and its journal alone makes the same flight again.
 */

import { test } from "bun:test";
import fc from "fast-check";
import type { FlightPlan } from "../../../actors/domain/plan.ts";
import { DEFAULT_RULES } from "../../../actors/domain/rules.ts";
import { givenPlan } from "../../support/given.ts";
import { flightCommands, moneyCommands } from "./model/flight-commands.ts";
import { FlightModel } from "./model/flight-model.ts";
import { checkInvariants } from "./model/invariants.ts";
import { RealFlight } from "./model/real-flight.ts";

const rules = { ...DEFAULT_RULES, seatsPerMember: 5, keysPerMember: 4, keysPerFlight: 9 };

/** Small enough that everybody meets everybody. */
const twoCabins = givenPlan({
  cabins: [
    { cabin: "J", rows: 1, columns: "A DG K" },
    { cabin: "Y", rows: 2, columns: "AC DF", exitRows: [3] },
  ],
});

const fewSeats = givenPlan({ cabins: [{ cabin: "Y", rows: 1, columns: "AC" }] });

function check(plan: FlightPlan, commands: fc.Arbitrary<Iterable<fc.Command<FlightModel, RealFlight>>>, runs: number) {
  fc.assert(
    fc.property(commands, (steps) => {
      const model = new FlightModel(plan, rules);
      const real = new RealFlight(plan, rules);
      fc.modelRun(() => ({ model, real }), steps);
      real.checkLoads();
      model.forget();
      checkInvariants(model, real);
    }),
    { numRuns: runs, includeErrorInReport: true },
  );
}

test("a flight does what its model does, and its journal makes it again", () => {
  const seats = twoCabins.seatPlan.seats.map(({ seat }) => seat);
  check(twoCabins, fc.commands(flightCommands(seats, ["J", "Y", "W"]), { maxCommands: 60, size: "max" }), 800);
});

test("money ends once, whatever the provider says, whenever it says it", () => {
  const seats = fewSeats.seatPlan.seats.map(({ seat }) => seat);
  check(fewSeats, fc.commands(moneyCommands(seats, ["Y"]), { maxCommands: 60, size: "max" }), 600);
});

/** Owns the two things that tests ask of a read file: its flights, or its problems. */

import { loadAirports } from "../../../db/catalogue/airports.ts";
import type { PlannedFlight } from "../../../db/catalogue/planned-flight.ts";
import type { Problem } from "../../../db/ssim/problem.ts";
import { readSsim } from "../../../db/ssim/read.ts";
import { flightsOf, type Schedule } from "../../../db/ssim/schedule.ts";

const airports = await loadAirports();

export function scheduleOf(file: Uint8Array): Schedule {
  const reading = readSsim(file);
  if (!reading.ok) throw new Error(`the file should be sound: ${JSON.stringify(reading.problems)}`);
  return reading.schedule;
}

export function flightsIn(file: Uint8Array, shiftDays?: number): readonly PlannedFlight[] {
  return [...flightsOf(scheduleOf(file), airports, shiftDays)];
}

export function problemsIn(file: Uint8Array): readonly Problem[] {
  const reading = readSsim(file);
  if (reading.ok) throw new Error("the file should be refused");
  return reading.problems;
}

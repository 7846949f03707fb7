/** Owns the rule by which a timetable that names no prices gets its fares: one a flight and cabin, in whole won. */

import type { Cabin } from "../../actors/domain/ids.ts";
import { type Money, money } from "../../actors/domain/money.ts";
import { type Airports, distanceKm } from "./airports.ts";
import { type CabinClass, cabinClassOf } from "./cabin-class.ts";
import type { CabinSize, PlannedCabin } from "./planned-flight.ts";

/** The rule: (30,000 won + 75 won a great-circle kilometre) × the factor of the cabin, rounded to 1,000 won. */
const BASE_WON = 30_000;
const WON_PER_KM = 75;
const ROUNDED_TO_WON = 1_000;
const FACTOR: Readonly<Record<CabinClass, number>> = { ECONOMY: 1, PREMIUM: 1.6, BUSINESS: 3, FIRST: 5 };

/** Where an airport's place is unknown the block time stands for the distance: half an hour on the ground, then 800 km/h. */
const GROUND_MINUTES = 30;
const KM_PER_MINUTE = 800 / 60;

export function fareFor(cabin: Cabin, distance: number): Money {
  const won = (BASE_WON + WON_PER_KM * distance) * FACTOR[cabinClassOf(cabin)];
  return money(Math.round(won / ROUNDED_TO_WON) * ROUNDED_TO_WON, "KRW");
}

/** How far a flight goes, in kilometres. */
export function flownKm(airports: Airports, origin: string, destination: string, blockMinutes: number): number {
  const from = airports.find(origin);
  const to = airports.find(destination);
  if (from !== undefined && to !== undefined) return distanceKm(from, to);
  return Math.max(0, blockMinutes - GROUND_MINUTES) * KM_PER_MINUTE;
}

export function priced(cabins: readonly CabinSize[], distance: number): readonly PlannedCabin[] {
  return cabins.map(({ cabin, capacity }) => ({ cabin, capacity, fare: fareFor(cabin, distance) }));
}

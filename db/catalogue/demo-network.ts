/** Owns the network of the demo timetable: who flies where, how often and with what, between the 19 airports of the original service. */

import type { CabinSize } from "./planned-flight.ts";

export const DEMO_AIRLINE = "PI";

export interface DemoAircraft {
  readonly type: string;
  readonly cabins: readonly CabinSize[];
  /** Over the whole way, in km/h. */
  readonly speed: number;
}

function aircraft(type: string, speed: number, ...cabins: readonly (readonly [string, number])[]): DemoAircraft {
  return { type, speed, cabins: cabins.map(([cabin, capacity]) => ({ cabin, capacity })) };
}

const ATR = aircraft("AT7", 500, ["Y", 72]);
const B738 = aircraft("738", 800, ["Y", 189]);
const A321 = aircraft("321", 800, ["J", 8], ["Y", 180]);
const A333 = aircraft("333", 830, ["J", 24], ["Y", 252]);
const B789 = aircraft("789", 850, ["J", 24], ["W", 21], ["Y", 234]);
const B77W = aircraft("77W", 850, ["F", 8], ["J", 42], ["Y", 241]);
const A388 = aircraft("388", 850, ["F", 12], ["J", 94], ["Y", 301]);

export interface DemoRoute {
  /** It flies both ways. */
  readonly ends: readonly [string, string];
  /** Departures a day from either end. */
  readonly daily: number;
  readonly aircraft: DemoAircraft;
}

/** Each end pair with how often a day, from the shuttles of Jeju to the long ways. */
const ROUTES: readonly (readonly [DemoAircraft, string])[] = [
  [B738, "GMP-CJU 6 ICN-CJU 1 ORD-DEN 1 LAX-DEN 1 SFO-DEN 1"],
  [ATR, "CJJ-CJU 2 GMP-CJJ 1"],
  [A321, "GMP-HND 2 ICN-PEK 1 LAX-SFO 2 JFK-ATL 1 JFK-ORD 1 ORD-ATL 1 LHR-CDG 1 LHR-AMS 1 CDG-FRA 1 AMS-FRA 1"],
  [A333, "ICN-HND 1 ICN-SIN 1 GMP-PEK 1 PEK-HND 1 DXB-FRA 1 SIN-HND 1"],
  [B789, "ICN-SFO 1 ICN-AMS 1 ICN-FRA 1 ICN-SYD 1 ICN-DEN 1 SIN-SYD 1 HND-LAX 1 ATL-CDG 1"],
  [B77W, "ICN-JFK 1 ICN-CDG 1 ICN-LHR 1 ICN-DXB 1 ICN-ATL 1 ICN-ORD 1 JFK-LAX 2 DXB-SIN 1"],
  [A388, "ICN-LAX 1 JFK-LHR 1 DXB-LHR 1 LAX-SYD 1"],
];

export const DEMO_ROUTES: readonly DemoRoute[] = ROUTES.flatMap(([plane, pairs]) =>
  [...pairs.matchAll(/([A-Z]{3})-([A-Z]{3}) (\d)/g)].map(
    ([, from = "", to = "", daily]): DemoRoute => ({ ends: [from, to], daily: Number(daily), aircraft: plane }),
  ),
);

/** Owns who may not sit at an exit: whoever has, or is, a small child, and so can't help others out (14 CFR 121.585(b)). */

import type { PassengerType } from "./command.ts";

/** For each passenger; infants sit on the laps of the adults in their order, the first infant on the first adult's. */
export function keptFromExits(passengers: readonly { readonly type: PassengerType }[]): readonly boolean[] {
  let laps = 0;
  for (const { type } of passengers) if (type === "INF") laps += 1;
  return passengers.map(({ type }) => type === "CHD" || (type === "ADT" && laps-- > 0));
}

/** Owns the aircraft configuration field: how many seats are in which cabin. */

import type { CabinSize } from "../catalogue/planned-flight.ts";

/** More than any airliner has; a larger number is a slip of the file. */
const SEATS_MAX = 999;

/** Cabins don't fit the field: segment data element 108 has them (SSIM chapter 2). */
export const ELSEWHERE = "XX";

/** After this mark come other things than cabins: `W18Y112VV112` has 18 seats in W and 112 in Y. */
const CABINS_END = "VV";

/** `LL` and `PP` are containers and pallets, with or without their number. */
const PART = /(LL|PP)\d{0,4}|([A-Z])(\d{0,4})/y;

/** The cabins, front to back, or the reason why there are none. Empty compartments (`F0`) are left out. */
export function readCabins(text: string): readonly CabinSize[] | string {
  const written = text.trimEnd();
  if (written === ELSEWHERE) return "refers to segment data element 108, and there is none";
  const end = written.indexOf(CABINS_END);
  const cabinText = end < 0 ? written : written.slice(0, end);
  const cabins: CabinSize[] = [];
  let seats = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < cabinText.length) {
    const match = PART.exec(cabinText);
    if (match === null) return "has something else than cabins and their seats";
    const [, cargo, cabin, digits] = match;
    if (cargo !== undefined || cabin === undefined) continue;
    if (digits === undefined || digits === "") return `doesn't say how many seats cabin ${cabin} has`;
    const capacity = Number(digits);
    if (cabins.some((known) => known.cabin === cabin)) return `names cabin ${cabin} twice`;
    if (capacity > 0) cabins.push({ cabin, capacity });
    seats += capacity;
  }
  if (seats === 0) return "has no seats";
  if (seats > SEATS_MAX) return `has more than ${SEATS_MAX} seats`;
  return cabins;
}

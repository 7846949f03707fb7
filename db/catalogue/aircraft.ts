/** Owns how seats stand abreast in an aircraft type, by class of cabin, and where its exits are. */

import type { CabinClass } from "./cabin-class.ts";

export interface AircraftBody {
  /** Column letters of one full row, with a space for each aisle. There is no I, which reads as 1. */
  readonly abreast: Readonly<Record<CabinClass, string>>;
  /** Where the exit rows are, as shares of the rows of the longest cabin. */
  readonly exits: readonly number[];
}

const COMMUTER: AircraftBody = {
  abreast: { FIRST: "A C", BUSINESS: "A C", PREMIUM: "A CD", ECONOMY: "A CD" },
  exits: [0.5],
};
const REGIONAL: AircraftBody = {
  abreast: { FIRST: "A C", BUSINESS: "A CD", PREMIUM: "AC DF", ECONOMY: "AC DF" },
  exits: [0.5],
};
const SINGLE_AISLE: AircraftBody = {
  abreast: { FIRST: "AC DF", BUSINESS: "AC DF", PREMIUM: "ABC DEF", ECONOMY: "ABC DEF" },
  exits: [0.45],
};
const TWIN_AISLE_7: AircraftBody = {
  abreast: { FIRST: "A DG K", BUSINESS: "AC DG HK", PREMIUM: "AC DEG HK", ECONOMY: "AC DEG HK" },
  exits: [0, 0.5],
};
const TWIN_AISLE_8: AircraftBody = {
  abreast: { FIRST: "A DG K", BUSINESS: "AC DG HK", PREMIUM: "AC DEG HK", ECONOMY: "AC DEFG HK" },
  exits: [0, 0.5],
};
const TWIN_AISLE_9: AircraftBody = {
  abreast: { FIRST: "A DG K", BUSINESS: "A DG K", PREMIUM: "AC DEG HK", ECONOMY: "ABC DEF HJK" },
  exits: [0, 0.5],
};
const TWIN_AISLE_10: AircraftBody = {
  abreast: { FIRST: "A DG K", BUSINESS: "AC DG HK", PREMIUM: "AC DEFG HK", ECONOMY: "ABC DEFG HJK" },
  exits: [0, 0.35, 0.7],
};

/** IATA aircraft type codes (SSIM appendix A), by body. */
const BODIES: readonly (readonly [AircraftBody, string])[] = [
  [COMMUTER, "BE1 D28 ER3 ER4 ERD ERJ EM2 J31 J32 J41 S20 SF3 SWM"],
  [REGIONAL, "AT4 AT5 AT7 ATR CR1 CR2 CR7 CR9 CRA CRJ CRK DH1 DH2 DH3 DH4 DH8 DHT E70 E75 E7W E90 E95 EMJ 290 295 F50"],
  [SINGLE_AISLE, "31A 31B 31N 318 319 320 321 32A 32B 32C 32N 32Q 32S 221 223 73C 73E 73G 73H 73J 73R 73S 73W 731 732"],
  [
    SINGLE_AISLE,
    "733 734 735 736 737 738 739 7M7 7M8 7M9 7MJ 717 721 722 752 753 757 75W 75T M80 M81 M82 M83 M87 M88 M90 919",
  ],
  [TWIN_AISLE_7, "762 763 764 767 76W"],
  [TWIN_AISLE_8, "306 310 312 313 330 332 333 338 339 340 342 343 345 346 AB4 AB6"],
  [TWIN_AISLE_9, "350 351 359 35K 781 787 788 789 78J D11 M11 L10 I86 IL9"],
  [TWIN_AISLE_10, "380 388 741 742 743 744 747 748 74D 74E 74H 74L 74R 772 773 777 778 779 77L 77W"],
];

const BODY_BY_TYPE: ReadonlyMap<string, AircraftBody> = new Map(
  BODIES.flatMap(([body, types]) => types.split(" ").map((type) => [type, body] as const)),
);

/** Most seats that an unknown type is taken to have with one aisle. */
const SINGLE_AISLE_SEATS_MAX = 240;

/** The body of an aircraft type; an unknown one is judged by how many seats it has. */
export function bodyOf(aircraft: string, seats: number): AircraftBody {
  return BODY_BY_TYPE.get(aircraft) ?? (seats <= SINGLE_AISLE_SEATS_MAX ? SINGLE_AISLE : TWIN_AISLE_9);
}

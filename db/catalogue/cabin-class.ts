/** Owns what a cabin's letter stands for: by it seats are laid out and fares are made. */

import type { Cabin } from "../../actors/domain/ids.ts";

export type CabinClass = "FIRST" | "BUSINESS" | "PREMIUM" | "ECONOMY";

/** The compartment of a letter of the aircraft configuration (SSIM chapter 2, "Aircraft Configuration/Version"). */
export function cabinClassOf(cabin: Cabin): CabinClass {
  if ("PFA".includes(cabin)) return "FIRST";
  if ("JCDIZ".includes(cabin)) return "BUSINESS";
  if (cabin === "W") return "PREMIUM";
  return "ECONOMY";
}

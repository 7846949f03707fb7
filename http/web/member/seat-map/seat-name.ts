/** Owns what a seat is called in words: where it is, what it costs, and whether it is free. */

import { formatMoney } from "../../i18n/format.ts";
import { language, words } from "../state/words.ts";
import type { Seat, SeatState } from "./seat-store.ts";

/** Window, aisle, exit… in the reader's language. */
export function featuresOf({ features }: Seat): string {
  const names = words.features;
  return features
    .map((feature) => names[feature])
    .filter(Boolean)
    .join(", ");
}

/** @param traveller who has chosen it, or null */
export function nameOf(seat: Seat, state: SeatState, traveller: string | null): string {
  const m = words;
  const said = traveller === null ? m.states[state] : m.seats.chosenFor(traveller);
  return m.seats.seatName(seat.name, featuresOf(seat), formatMoney(language, seat.price), said);
}

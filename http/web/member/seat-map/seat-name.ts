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

/** Who has chosen a seat: the number that is drawn on it, and what they are called. */
export interface Chosen {
  readonly number: number;
  readonly traveller: string;
}

/** @param chosen null for a seat that isn't */
export function nameOf(seat: Seat, state: SeatState, chosen: Chosen | null): string {
  const m = words;
  const said = chosen === null ? m.states[state] : m.seats.chosenFor(chosen.number, chosen.traveller);
  return m.seats.seatName(seat.name, featuresOf(seat), formatMoney(language, seat.price), said);
}

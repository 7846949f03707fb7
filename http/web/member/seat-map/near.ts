/** Owns which free seats are near one that is gone, until the server says which. */

import type { Seat } from "./seat-store.ts";

/** Rows are about twice as far apart as seats in a row. */
const ROW_DISTANCE = 2;

/** The nearest free seats of the same cabin, nearest first. */
export function nearestFree(
  seats: readonly Seat[],
  gone: Seat,
  isWanted: (seat: Seat) => boolean,
  max: number,
): readonly Seat[] {
  const distance = (seat: Seat): number =>
    Math.abs(seat.row - gone.row) * ROW_DISTANCE + Math.abs(seat.column.charCodeAt(0) - gone.column.charCodeAt(0));
  return seats
    .filter((seat) => seat.cabin === gone.cabin && seat.state.peek() === "free" && isWanted(seat))
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, max);
}

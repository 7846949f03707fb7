/** Owns where the seats of an aircraft are: rows and columns from its type and the sizes of its cabins, the same at every call. */

import { assert, present } from "../../actors/assert.ts";
import { EXIT, type PlannedSeat, type SeatFeature } from "../../actors/domain/plan.ts";
import { bodyOf } from "./aircraft.ts";
import { cabinClassOf } from "./cabin-class.ts";
import type { CabinSize } from "./planned-flight.ts";

/** A cabin shorter than this has no exit row of its own: one row of few would be no place for a family. */
const EXIT_CABIN_ROWS_MIN = 4;

/**
 * Every seat, front to back and left to right. Rows count on from cabin to cabin; the last row of a cabin may be short,
 * so that each cabin has exactly its capacity.
 *
 * Features: `WINDOW`, `AISLE`, `MIDDLE` by the place in a full row; `FRONT` in the first row of a cabin (a bulkhead);
 * `EXIT` in the rows at the exits, which stand in the longest cabin.
 */
export function seatsOf(aircraft: string, cabins: readonly CabinSize[]): readonly PlannedSeat[] {
  let total = 0;
  for (const { cabin, capacity } of cabins) {
    assert(Number.isInteger(capacity) && capacity > 0, `cabin ${cabin} has seats: ${capacity}`);
    total += capacity;
  }
  const body = bodyOf(aircraft, total);
  const plans = cabins.map(({ cabin, capacity }) => {
    const columns = columnsOf(body.abreast[cabinClassOf(cabin)]);
    return { cabin, capacity, columns, rows: Math.ceil(capacity / columns.length) };
  });
  const longest = plans.reduce<(typeof plans)[number] | undefined>(
    (most, plan) => (most === undefined || plan.rows > most.rows ? plan : most),
    undefined,
  );

  const seats: PlannedSeat[] = [];
  let firstRow = 1;
  for (const plan of plans) {
    const exits = plan === longest ? exitRowsOf(plan.rows, body.exits) : [];
    for (let index = 0; index < plan.capacity; index++) {
      const rowInCabin = Math.floor(index / plan.columns.length);
      const { letter, place } = present(plan.columns[index % plan.columns.length], "a column of the row");
      const features: SeatFeature[] = [...place];
      if (rowInCabin === 0) features.push("FRONT");
      if (exits.includes(rowInCabin)) features.push(EXIT);
      const row = firstRow + rowInCabin;
      seats.push({ seat: `${row}${letter}`, cabin: plan.cabin, row, column: letter, features });
    }
    firstRow += plan.rows;
  }
  return seats;
}

interface Column {
  readonly letter: string;
  readonly place: readonly SeatFeature[];
}

/** `ABC DEF` → six columns. A lone seat between window and aisle has both. */
function columnsOf(abreast: string): readonly Column[] {
  const blocks = abreast.split(" ");
  return blocks.flatMap((block, blockIndex) =>
    [...block].map((letter, index) => {
      const leftmost = index === 0;
      const rightmost = index === block.length - 1;
      const window = (blockIndex === 0 && leftmost) || (blockIndex === blocks.length - 1 && rightmost);
      const aisle = (blockIndex > 0 && leftmost) || (blockIndex < blocks.length - 1 && rightmost);
      const place = [...(window ? ["WINDOW"] : []), ...(aisle ? ["AISLE"] : [])];
      return { letter, place: place.length > 0 ? place : ["MIDDLE"] };
    }),
  );
}

function exitRowsOf(rows: number, shares: readonly number[]): readonly number[] {
  return rows < EXIT_CABIN_ROWS_MIN ? [] : shares.map((share) => Math.floor(rows * share));
}

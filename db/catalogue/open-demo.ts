/** Owns the first start: a database without any flight gets the demo timetable. */

import type { OpenDatabase } from "../open.ts";
import { FlightPublisher } from "../stores/flight-publisher.ts";
import { loadAirports } from "./airports.ts";
import { demoTimetable } from "./demo.ts";

/**
 * Publishes the demo timetable when the catalogue is empty; takes about a second then, and a moment otherwise.
 *
 * @param nowMs its flights leave within the 30 days from then on
 * @returns how many flights were added, or null when there were some already
 */
export async function openDemo({ read, write, dialect }: OpenDatabase, nowMs: number): Promise<number | null> {
  const known = await read.selectFrom("flight").select("id").limit(1).executeTakeFirst();
  if (known !== undefined) return null;
  const { added } = await new FlightPublisher(write, dialect).publish(demoTimetable(await loadAirports(), nowMs));
  return added;
}

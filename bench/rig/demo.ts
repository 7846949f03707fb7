/** Owns what the benches take of the demo timetable: the flights of one day that is some days ahead, as the search finds them. */
import { present } from "../../actors/assert.ts";

export interface DemoFlight {
  readonly id: string;
  readonly origin: string;
  readonly destination: string;
  readonly seats: number;
}

export interface DemoDay {
  readonly day: string;
  readonly flights: readonly DemoFlight[];
}

/** An aircraft as most are. */
const ORDINARY_SEATS_MIN = 100;
const ORDINARY_SEATS_MAX = 400;

/** Far enough for every flight of that day to be in the timetable, wherever it leaves. */
const DAYS_AHEAD = 10;
const PAGE_SIZE = 100;

interface FoundFlight {
  readonly id: string;
  readonly origin: string;
  readonly destination: string;
  readonly cabins: readonly { readonly capacity: number }[];
}

/** @throws Error when the timetable has no flight on that day */
export async function demoDay(url: string): Promise<DemoDay> {
  const day = new Date(Date.now() + DAYS_AHEAD * 86_400_000).toISOString().slice(0, 10);
  const flights: DemoFlight[] = [];
  for (let page = 1; ; page++) {
    const answer = await fetch(`${url}/api/v1/flights?from=${day}&to=${day}&page=${page}&size=${PAGE_SIZE}`);
    const { items } = (await answer.json()) as { items: FoundFlight[] };
    for (const { id, origin, destination, cabins } of items) {
      flights.push({ id, origin, destination, seats: cabins.reduce((sum, { capacity }) => sum + capacity, 0) });
    }
    if (items.length < PAGE_SIZE) break;
  }
  if (flights.length === 0) throw new Error(`no flight of the demo timetable leaves on ${day}`);
  return { day, flights };
}

/** Of the flights that are as large as most are, the one in the middle. */
export function ordinaryFlight({ flights }: DemoDay): DemoFlight {
  const ordinary = flights
    .filter(({ seats }) => seats >= ORDINARY_SEATS_MIN && seats <= ORDINARY_SEATS_MAX)
    .toSorted((a, b) => a.seats - b.seats);
  return present(ordinary[Math.floor(ordinary.length / 2)], "an ordinary flight");
}

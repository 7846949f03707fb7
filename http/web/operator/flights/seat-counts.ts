/** Owns the counts of a flight's seats by state, as they change. */

import { useEffect, useState } from "preact/hooks";
import { followStream } from "../../browser/event-stream.ts";
import type { SeatCounts, SeatState } from "./flight-facts.ts";

interface SeatChange {
  readonly seat: string;
  readonly state: SeatState;
}

interface Snapshot {
  readonly seats: readonly (SeatChange & { readonly cabin: string })[];
}

interface Delta {
  readonly changes: readonly SeatChange[];
}

/** Null until the first snapshot. */
export function useSeatCounts(flightId: string): SeatCounts | null {
  const [counts, setCounts] = useState<SeatCounts | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    const seats = new Map<string, { readonly cabin: string; readonly state: SeatState }>();
    const hear = (name: string, data: unknown): void => {
      if (name === "snapshot") {
        seats.clear();
        for (const { seat, cabin, state } of (data as Snapshot).seats) seats.set(seat, { cabin, state });
      } else if (name === "delta") {
        for (const { seat, state } of (data as Delta).changes) {
          const known = seats.get(seat);
          if (known !== undefined) seats.set(seat, { ...known, state });
        }
      } else return;
      setCounts(counted(seats.values()));
    };
    const url = `/api/v1/flights/${encodeURIComponent(flightId)}/seats/stream`;
    void followStream({ url, event: hear, live: () => {}, refused: () => {} }, leaving.signal);
    return () => leaving.abort();
  }, [flightId]);
  return counts;
}

function counted(seats: Iterable<{ readonly cabin: string; readonly state: SeatState }>): SeatCounts {
  const counts = new Map<string, Record<SeatState, number>>();
  for (const { cabin, state } of seats) {
    const ofCabin = counts.get(cabin) ?? { free: 0, held: 0, sold: 0, blocked: 0 };
    ofCabin[state] += 1;
    counts.set(cabin, ofCabin);
  }
  return counts;
}

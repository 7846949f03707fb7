/** Owns how what was read of a flight becomes its state: the snapshot, then the tail, and the refusals that still live. */

import { Changes } from "./domain/changes.ts";
import { forgetEnded } from "./domain/evolve.ts";
import { replayTurn } from "./domain/flight-logic.ts";
import { restore } from "./domain/snapshot.ts";
import { FlightState } from "./domain/state.ts";
import type { LoadedFlight } from "./journal.ts";

export function stateOf({ plan, snapshot, tail, recent }: LoadedFlight): FlightState {
  const state = snapshot === null ? new FlightState(plan) : restore(plan, snapshot);
  for (const { entry } of recent) {
    for (const { key } of entry.turns) {
      // A refusal that has just outlived its time must not hide a newer answer of the same key.
      if (key !== null && !key.reply.ok && !state.keys.has(key.name)) state.keys.record(key);
    }
  }
  for (const { version, entry } of tail) {
    const changes = new Changes();
    for (const turn of entry.turns) replayTurn(state, turn, changes);
    forgetEnded(state, changes);
    state.version = version;
  }
  return state;
}

/** Turns since the snapshot. */
export function turnsIn({ tail }: LoadedFlight): number {
  return tail.reduce((sum, { entry }) => sum + entry.turns.length, 0);
}

/** Owns how what was read of a flight becomes its state: the snapshot, then the tail, and the refusals that still live. */

import { Changes } from "./domain/changes.ts";
import type { JournalEntry } from "./domain/event.ts";
import { forgetEnded } from "./domain/evolve.ts";
import { replayTurn } from "./domain/flight-logic.ts";
import { restore } from "./domain/snapshot.ts";
import { FlightState } from "./domain/state.ts";
import type { LoadedFlight } from "./journal.ts";

/** What is replayed in one go: some ten milliseconds' work. Whoever waits for the flight waits for every pause as well. */
const TURNS_AT_ONCE = 8_000;

/** The flight as it was read, with its snapshot's successes and the refusals that still live. */
export function stateOf(loaded: LoadedFlight): FlightState {
  const pieces = piecesOf(loaded);
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
  }
}

/** The same, with a pause after each piece of a long journal, in which whoever makes it may have other things to do. */
export async function stateInPieces(loaded: LoadedFlight, pause: () => Promise<void>): Promise<FlightState> {
  const pieces = piecesOf(loaded);
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
    await pause();
  }
}

function* piecesOf({ plan, snapshot, tail, recent }: LoadedFlight): Generator<void, FlightState> {
  const state = snapshot === null ? new FlightState(plan) : restore(plan, snapshot);
  let turns = 0;
  const isPiece = (entry: JournalEntry): boolean => {
    turns += entry.turns.length;
    if (turns < TURNS_AT_ONCE) return false;
    turns = 0;
    return true;
  };
  const refused = new Set<string>();
  for (const { entry } of recent) {
    for (const { key } of entry.turns) {
      // A refusal that has just outlived its time must hide no newer answer of the same key: neither one of the snapshot nor a later refusal.
      if (key !== null && !key.reply.ok && (refused.has(key.name) || !state.keys.has(key.name))) {
        refused.add(key.name);
        state.keys.record(key);
      }
    }
    if (isPiece(entry)) yield;
  }
  for (const { version, entry } of tail) {
    const changes = new Changes();
    for (const turn of entry.turns) replayTurn(state, turn, changes);
    forgetEnded(state, changes);
    state.version = version;
    if (isPiece(entry)) yield;
  }
  return state;
}

/** Turns since the snapshot. */
export function turnsIn({ tail }: LoadedFlight): number {
  return tail.reduce((sum, { entry }) => sum + entry.turns.length, 0);
}

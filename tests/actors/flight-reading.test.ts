/** Goal: a large flight that is read back is the same as ever, and lets others on the loop have their turn meanwhile. */

import { expect, test } from "bun:test";
import { JOURNAL_SCHEMA } from "../../actors/domain/event.ts";
import { keyName, REFUSAL_KEPT_MS } from "../../actors/domain/keys.ts";
import { rejected } from "../../actors/domain/reply.ts";
import { snapshotOf } from "../../actors/domain/snapshot.ts";
import type { FlightState } from "../../actors/domain/state.ts";
import { seatMapView } from "../../actors/domain/views.ts";
import { stateInPieces, stateOf } from "../../actors/flight-reading.ts";
import type { LoadedFlight, TailEntry } from "../../actors/journal.ts";
import { givenPlan, NOW_MS } from "../support/given.ts";
import { DecidingFlight } from "../support/given-batches.ts";

const FLIGHT = "PG-0001-20300131-ICN";

/** A flight whose batches held, and refused, so many seats each. */
function read(batches: number, turns: number): LoadedFlight {
  const flight = new DecidingFlight(FLIGHT, Math.ceil((batches * turns) / 6));
  const entries: TailEntry[] = [];
  for (let version = 1; version <= batches; version++) {
    for (let turn = 0; turn < turns; turn++) {
      const { seat } = flight.plan.seatPlan.at(turn % 2 === 0 ? entries.length * turns + turn : 0);
      const passengers = [{ name: "Somebody", type: "ADT" as const, seat }];
      flight.ask("hold", { passengers }, { member: `m${version}-${turn}` });
    }
    const { change } = flight.write();
    if (change === null) throw new Error("a batch changes something");
    entries.push({ version, entry: change.entry });
  }
  return { plan: flight.plan, snapshot: null, tail: entries, recent: [] };
}

/** With what is younger than the snapshot, and the refusals that it does not hold. */
function afterSnapshot(loaded: LoadedFlight, version: number): LoadedFlight {
  const upTo = loaded.tail.filter((entry) => entry.version <= version);
  const state = stateOf({ ...loaded, tail: upTo });
  return { ...loaded, snapshot: snapshotOf(state, version), tail: loaded.tail.slice(version), recent: upTo };
}

/** The pauses that were made. */
async function inPieces(loaded: LoadedFlight): Promise<number> {
  let pauses = 0;
  const state = await stateInPieces(loaded, async () => {
    pauses += 1;
  });
  expect(told(state)).toEqual(told(stateOf(loaded)));
  return pauses;
}

/** All that a flight tells: what is written of it, its seats, and how many keys it remembers, refused ones as well. */
function told(state: FlightState) {
  return [snapshotOf(state, state.version), seatMapView(state), state.keys.size];
}

test("a small flight is read without a pause", async () => {
  expect(await inPieces(read(10, 10))).toBe(0);
});

test("a large one with a pause after each few thousand turns, be they of the tail or refusals that still live", async () => {
  const loaded = read(60, 300);
  expect(await inPieces(loaded)).toBe(2);
  expect(await inPieces(afterSnapshot(loaded, 50))).toBe(2);
});

test("of two refusals of one key the later one lives on, also where the first is read again beside it", () => {
  const name = keyName("m1", "hold", "k1");
  const refusal = (atMs: number, detail: string, key = name) => ({
    atMs,
    events: [],
    key: { name: key, fingerprint: "", keptUntilMs: atMs + REFUSAL_KEPT_MS, reply: rejected("SEAT_TAKEN", detail) },
  });
  const entryOf = (version: number, ...turns: ReturnType<typeof refusal>[]): TailEntry => ({
    version,
    entry: { schema: JOURNAL_SCHEMA, turns },
  });
  // The first stands in an entry whose last turn is younger: it waited long for its commit.
  const first = entryOf(1, refusal(NOW_MS, "first"), refusal(NOW_MS + 6_000, "another's", keyName("m2", "hold", "k2")));
  const second = entryOf(2, refusal(NOW_MS + REFUSAL_KEPT_MS + 1_000, "second"));
  const plan = givenPlan();
  const snapshot = snapshotOf(stateOf({ plan, snapshot: null, tail: [first, second], recent: [] }), 2);
  const state = stateOf({ plan, snapshot, tail: [], recent: [first, second] });
  const found = state.keys.find(name, NOW_MS + REFUSAL_KEPT_MS + 2_000);
  expect(found?.reply).toEqual(rejected("SEAT_TAKEN", "second"));
});

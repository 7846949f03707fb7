/** Owns a small model of the journal that hosts share: fences, versions and the claims of seats, each batch in one step. */

import { assert } from "../../actors/assert.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { FlightPlan } from "../../actors/domain/plan.ts";
import type { Batch, CommitOutcome, FlightWrite, Journal, LoadedFlight, TailEntry } from "../../actors/journal.ts";
import type { ShardOwner } from "../../actors/shards.ts";

interface StoredFlight {
  readonly plan: FlightPlan;
  /** As text: nobody shares an object with a database. */
  readonly entries: { readonly batch: string; readonly text: string }[];
  nextDeadlineMs: number | null;
  /** By seat, whose it is. */
  readonly claims: Map<string, string>;
}

export class MemoryJournal implements Journal {
  readonly #owner: (shard: number) => ShardOwner;
  readonly #shardOf: (flightId: FlightId) => number;
  readonly #flights: Map<FlightId, StoredFlight>;

  constructor(
    plans: readonly FlightPlan[],
    shardOf: (flightId: FlightId) => number,
    owner: (shard: number) => ShardOwner,
  ) {
    this.#owner = owner;
    this.#shardOf = shardOf;
    this.#flights = new Map(
      plans.map((plan) => [plan.flightId, { plan, entries: [], nextDeadlineMs: null, claims: new Map() }]),
    );
  }

  async load(flightId: FlightId): Promise<LoadedFlight | null> {
    const flight = this.#flights.get(flightId);
    return flight === undefined ? null : { plan: flight.plan, snapshot: null, tail: entriesOf(flight), recent: [] };
  }

  async commit({ id, owner, fences, flights }: Batch, isRepeat: boolean): Promise<CommitOutcome> {
    const written = flights.find(({ change }) => change !== null);
    if (isRepeat && written !== undefined) {
      const { entries } = this.#flight(written);
      if (entries[written.base]?.batch === id) return { kind: "committed" };
    }
    const fenced = new Set(
      fences
        .filter(({ shard, epoch }) => this.#owner(shard).owner !== owner || this.#owner(shard).epoch !== epoch)
        .map(({ shard }) => shard),
    );
    const lost = flights.filter((write) => fenced.has(write.shard) || this.#flight(write).entries.length > write.base);
    if (lost.length > 0) return { kind: "lost", flights: lost.map(({ flightId }) => flightId) };
    assert(
      flights.every((write) => this.#flight(write).entries.length === write.base),
      "nothing that was committed is gone",
    );
    for (const write of flights) {
      const taken = this.#takenTwice(write);
      if (taken !== null) return { kind: "violated", cause: `seat ${taken} of ${write.flightId} is somebody's` };
    }
    for (const write of flights) this.#apply(write, id);
    return { kind: "committed" };
  }

  async saveSnapshot(): Promise<boolean> {
    return false;
  }

  async deadlines(shards: readonly number[]): Promise<readonly { flightId: FlightId; atMs: number }[]> {
    return [...this.#flights].flatMap(([flightId, { nextDeadlineMs }]) =>
      nextDeadlineMs !== null && shards.includes(this.#shardOf(flightId)) ? [{ flightId, atMs: nextDeadlineMs }] : [],
    );
  }

  /** Everything that was ever committed to the flight, in order. */
  entries(flightId: FlightId): TailEntry[] {
    const flight = this.#flights.get(flightId);
    return flight === undefined ? [] : entriesOf(flight);
  }

  #flight({ flightId }: FlightWrite): StoredFlight {
    const flight = this.#flights.get(flightId);
    if (flight === undefined) throw new Error(`${flightId} is no flight`);
    return flight;
  }

  /** The seat that the write gives to somebody while it is another's; null when there is none. */
  #takenTwice(write: FlightWrite): string | null {
    const { remove, add } = write.change?.projection.claims ?? { remove: [], add: [] };
    const freed = new Set(remove.map(({ seat }) => seat));
    return add.find(({ seat }) => this.#flight(write).claims.has(seat) && !freed.has(seat))?.seat ?? null;
  }

  #apply(write: FlightWrite, batch: string): void {
    if (write.change === null) return;
    const flight = this.#flight(write);
    const { entry, projection, nextDeadlineMs } = write.change;
    flight.entries.push({ batch, text: JSON.stringify(entry) });
    flight.nextDeadlineMs = nextDeadlineMs;
    for (const { seat } of projection.claims.remove) flight.claims.delete(seat);
    for (const { seat, reservationId } of projection.claims.add) flight.claims.set(seat, reservationId);
  }
}

function entriesOf({ entries }: StoredFlight): TailEntry[] {
  return entries.map(({ text }, at) => ({ version: at + 1, entry: JSON.parse(text) }));
}

/** Owns the real flight of the model test: it closes batches as an actor does, keeps the journal, and is loaded again from it. */

import { expect } from "bun:test";
import { Changes } from "../../../../actors/domain/changes.ts";
import type { TurnRecord } from "../../../../actors/domain/event.ts";
import { forgetEnded } from "../../../../actors/domain/evolve.ts";
import { replayTurn } from "../../../../actors/domain/flight-logic.ts";
import type { FlightPlan } from "../../../../actors/domain/plan.ts";
import { projectionOf } from "../../../../actors/domain/projection.ts";
import type { Rules } from "../../../../actors/domain/rules.ts";
import { restore, type Snapshot, snapshotOf } from "../../../../actors/domain/snapshot.ts";
import { FlightState } from "../../../../actors/domain/state.ts";
import { readTurns, writeTurns } from "../../../../db/turns-text.ts";
import { GivenFlight } from "../../../support/given.ts";
import { Tables } from "./tables.ts";

export class RealFlight extends GivenFlight {
  /** One entry for each batch, as the journal's rows hold them. */
  readonly entries: string[] = [];
  readonly tables = new Tables();
  /** Whether it lets go of what ended when a batch is closed, as an actor does. */
  forgetsEnded = true;
  #shipped = 0;
  #kept: { readonly snapshot: string; readonly atEntry: number } | null = null;

  constructor(plan: FlightPlan, rules: Rules) {
    super(plan, rules);
  }

  /** Closes the batch: its entry, its projection, and what may be forgotten. */
  ship(): void {
    const changes = this.takeChanges();
    this.tables.apply(projectionOf(this.state, changes));
    if (this.forgetsEnded) forgetEnded(this.state, changes);
    this.entries.push(writeTurns(this.journal.slice(this.#shipped)));
    this.#shipped = this.journal.length;
    this.state.version = this.entries.length;
  }

  keepSnapshot(): void {
    this.ship();
    this.#kept = { snapshot: JSON.stringify(snapshotOf(this.state, this.state.version)), atEntry: this.entries.length };
  }

  /** Compares this flight with what is loaded from its journal, from its beginning and from the snapshot. */
  checkLoads(): void {
    this.ship();
    const expected = digest(this.state, this.nowMs);
    const fromStart = new FlightState(this.state.plan);
    this.#replay(fromStart, 0);
    expect(digest(fromStart, this.nowMs)).toEqual(expected);
    if (this.#kept !== null) expect(digest(this.#fromSnapshot(this.#kept), this.nowMs)).toEqual(expected);

    const atOnce = new Tables();
    const fresh = new FlightState(this.state.plan);
    const all = new Changes();
    for (const turn of this.entries.flatMap((entry) => this.#turnsOf(entry))) replayTurn(fresh, turn, all);
    atOnce.apply(projectionOf(fresh, all));
    expect(atOnce.rows()).toEqual(this.tables.rows());
  }

  #fromSnapshot({ snapshot, atEntry }: { readonly snapshot: string; readonly atEntry: number }): FlightState {
    const state = restore(this.state.plan, JSON.parse(snapshot) as Snapshot);
    expect(state.version).toBe(atEntry);
    // Refusals are no part of a snapshot: they are read back from the journal.
    for (const { key } of this.entries.slice(0, atEntry).flatMap((entry) => this.#turnsOf(entry))) {
      if (key !== null && !key.reply.ok && key.keptUntilMs > this.nowMs) state.keys.record(key);
    }
    this.#replay(state, atEntry);
    return state;
  }

  #replay(state: FlightState, fromEntry: number): void {
    for (const [at, entry] of this.entries.entries()) {
      if (at < fromEntry) continue;
      const changes = new Changes();
      for (const turn of this.#turnsOf(entry)) replayTurn(state, turn, changes);
      if (this.forgetsEnded) forgetEnded(state, changes);
      state.version = at + 1;
    }
  }

  #turnsOf(entry: string): TurnRecord[] {
    return readTurns(this.state.plan.flightId, entry);
  }
}

/** All that a state is, in one order. Keys whose retention is over are nobody's any more, and may be there or not. */
function digest(state: FlightState, nowMs: number): object {
  const { keys, reservations, ...rest } = snapshotOf(state, state.version);
  const { seatPlan } = state.plan;
  return {
    ...rest,
    reservations: reservations.toSorted((a, b) => byName(a.id, b.id)),
    keys: keys.filter(({ keptUntilMs }) => keptUntilMs > nowMs).toSorted((a, b) => byName(a.name, b.name)),
    seats: seatPlan.seats.map((_, index) => `${state.seatState(index)} ${state.holder(index)}`),
    free: [...Array.from(state.freeByCabin), state.freeSeats],
    seatsByMember: [...state.seatsByMember].toSorted(([a], [b]) => byName(a, b)),
    persons: [...state.persons].toSorted(([a], [b]) => byName(a, b)),
    attempts: Array.from(state.attempts, ([id]) => id).toSorted(byName),
    nextDeadlineMs: state.nextDeadlineMs(),
  };
}

function byName(a: string, b: string): number {
  return a < b ? -1 : 1;
}

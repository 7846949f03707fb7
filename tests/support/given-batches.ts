/** Owns batches for tests of the journal: real flights decide, and what they decided is closed into writes as the lane does it. */

import type { ArgsByOp, Op } from "../../actors/domain/command.ts";
import { JOURNAL_SCHEMA } from "../../actors/domain/event.ts";
import { shardOf } from "../../actors/domain/ids.ts";
import type { FlightPlan } from "../../actors/domain/plan.ts";
import { cabinSummaries, projectionOf } from "../../actors/domain/projection.ts";
import type { PaymentView, Reply, ReservationView } from "../../actors/domain/reply.ts";
import { type Snapshot, snapshotOf } from "../../actors/domain/snapshot.ts";
import type { Batch, FlightWrite } from "../../actors/journal.ts";
import type { Ownership } from "../../actors/shards.ts";
import { type GivenAsker, GivenFlight, givenCommand, givenPlan, paymentIn, reservationIn } from "./given.ts";

/** A flight that decides in memory, ahead of its journal by what {@link write} has not closed yet. */
export class DecidingFlight {
  readonly plan: FlightPlan;
  readonly #flight: GivenFlight;
  #ids = 0;

  constructor(flightId: string, rows = 30) {
    this.plan = givenPlan({ flightId, cabins: [{ cabin: "Y", rows }] });
    this.#flight = new GivenFlight(this.plan);
    // Record locators and ticket numbers stand for one thing each, over all flights.
    const number = /\d+/.exec(flightId)?.[0].padStart(4, "0") ?? "0000";
    Object.assign(this.#flight.supply, {
      reservationId: () => this.#nextId("r"),
      attemptId: () => this.#nextId("a"),
      pnr: () => `${number}${(++this.#ids).toString(36).padStart(2, "0")}`,
      ticketNumber: () => `180${number}${String(++this.#ids).padStart(6, "0")}`,
    });
  }

  get flightId(): string {
    return this.plan.flightId;
  }

  get version(): number {
    return this.#flight.state.version;
  }

  get nextDeadlineMs(): number | null {
    return this.#flight.state.nextDeadlineMs();
  }

  advance(ms: number): void {
    this.#flight.advance(ms);
  }

  ask<O extends Op>(op: O, args: ArgsByOp[O], asker: GivenAsker = {}): Reply {
    return this.#flight.ask(
      givenCommand<Op>(op, args, {
        deadlineMs: Number.MAX_SAFE_INTEGER,
        key: this.#nextId("k"),
        flightId: this.flightId,
        ...asker,
      }),
    );
  }

  hold(
    seats: readonly string[],
    names: readonly string[] = seats.map((seat) => `Passenger ${seat}`),
    asker: GivenAsker = {},
  ): ReservationView {
    const passengers = seats.map((seat, at) => ({ name: names[at] ?? "", type: "ADT" as const, seat }));
    return reservationIn(this.ask("hold", { passengers }, asker));
  }

  release({ id, member }: ReservationView): ReservationView {
    return reservationIn(this.ask("cancel", { reservationId: id }, { member }));
  }

  /** Its time is over, and its timer fires. */
  expire({ id, expiresAtMs }: ReservationView): void {
    this.#flight.nowMs = expiresAtMs;
    this.ask("expire", { reservationId: id, generation: 1 }, { member: null, key: null });
  }

  beginPayment({ id }: ReservationView): PaymentView {
    return paymentIn(this.ask("begin-payment", { reservationId: id }));
  }

  capture({ id, amount }: PaymentView): void {
    this.ask("settle-payment", { attempt: id, status: "CAPTURED", amount, ours: true }, { member: null });
  }

  /** Closes what was decided since the last call into what one batch does to this flight. */
  write(): FlightWrite {
    const { state, journal } = this.#flight;
    const base = state.version;
    const turns = journal.splice(0);
    const part = { flightId: this.flightId, shard: shardOf(this.flightId), base };
    if (turns.length === 0) return { ...part, change: null };
    state.version = base + 1;
    return {
      ...part,
      change: {
        entry: { schema: JOURNAL_SCHEMA, turns },
        projection: projectionOf(state, this.#flight.takeChanges()),
        logicalMs: state.logicalMs,
        nextDeadlineMs: state.nextDeadlineMs(),
        cabins: cabinSummaries(state),
      },
    };
  }

  /** The same in every run, and no other flight's. */
  #nextId(kind: string): string {
    return `${kind}${String(++this.#ids).padStart(5, "0")}-${this.flightId}`;
  }

  snapshot(): Snapshot {
    return snapshotOf(this.#flight.state, this.#flight.state.version);
  }
}

/** Puts writes into one batch, in the order that the journal wants. */
export function givenBatch(
  owner: string,
  ownership: Ownership,
  writes: readonly FlightWrite[],
  id: string = Bun.randomUUIDv7(),
): Batch {
  const shards = [...new Set(writes.map(({ shard }) => shard))].sort((a, b) => a - b);
  return {
    id,
    owner,
    fences: shards.map((shard) => ({ shard, epoch: ownership.get(shard) ?? -1 })),
    flights: [...writes].sort((a, b) => (a.flightId < b.flightId ? -1 : 1)),
  };
}

/** Owns what a flight is between two turns; guards I7: every seat is in exactly one state, and its holder agrees. */

import { assert, present } from "../assert.ts";
import { reservationIn } from "./as-held.ts";
import type { Held, KeyRecord, RefundReason } from "./event.ts";
import { Holds } from "./holds.ts";
import type { AttemptId, MemberId, ReservationId } from "./ids.ts";
import { Keys } from "./keys.ts";
import { PiecedMap } from "./pieced-map.ts";
import type { FlightPlan } from "./plan.ts";
import type { PaymentStatus, ReservationStatus, SeatState } from "./reply.ts";
import { type SeatRows, seatRows } from "./seat-rows.ts";
import { Tally } from "./tally.ts";

export interface Attempt {
  readonly id: AttemptId;
  readonly reservation: Reservation;
  /** What must be captured, in minor units of the flight's currency. */
  readonly amount: number;
  readonly expiresAtMs: number;
  status: PaymentStatus;
  checkoutUrl: string | null;
  /** What was captured in truth; differs from `amount` only for a wrong payment. */
  captured: { readonly amount: number; readonly currency: string } | null;
  refundReason: RefundReason | null;
}

export interface Reservation extends Held {
  /** Indices into the seat plan. */
  readonly seats: readonly number[];
  readonly createdAtMs: number;
  status: ReservationStatus;
  /** Rises each time that the reservation becomes HELD, so that an old timer can't end a newer hold. */
  generation: number;
  /** Its hold is over, which is not told yet: it is still HELD, and its seats are still its own, but they count as free (`over.ts`). */
  isOver: boolean;
  /** In order of beginning; at most the last one is PENDING. */
  attempts: readonly Attempt[];
  /** The attempt that bought the tickets. */
  ticketedBy: AttemptId | null;
  tickets: readonly string[];
}

/** Most reservations have no attempt, or no ticket, yet. */
export const NONE: readonly never[] = [];

const SEAT_STATES: readonly SeatState[] = ["free", "held", "sold", "blocked"];

/** Among the states, a held seat whose hold is over: everybody is told that it is free. */
const OVER = SEAT_STATES.length;

export class FlightState {
  readonly plan: FlightPlan;
  /** Version of the journal that this state has reached. */
  version = 0;
  /** Rises only when a seat's public state changes. */
  seatVersion = 0;
  /** Rises each time that a seat becomes free. */
  timesFreed = 0;
  /** Time of the latest turn that left a trace: keeps the flight's own events in order, whatever the clock does. */
  logicalMs = 0;
  readonly reservations: PiecedMap<Reservation>;
  readonly attempts: PiecedMap<Attempt>;
  readonly keys: Keys;
  readonly holds = new Holds();
  /** How many seats of the flight a member holds or has bought, by member. */
  readonly seatsByMember: Tally;
  /** Who, by keyed hash, already sits in the flight; see {@link sits}. */
  readonly persons: PiecedMap<ReservationId>;
  readonly #states: Uint8Array;
  /** Of each row its holders, by column: see {@link PiecedMap} for why not all in one. */
  readonly #holders: readonly (ReservationId | null)[][];
  readonly #freeByCabin: Int32Array;
  readonly #rows: SeatRows;
  /** Free seats of each row as a mask, so that choosing seats looks at rows instead of at seats. */
  readonly #freeByRow: Int32Array;

  constructor(plan: FlightPlan) {
    this.plan = plan;
    const { capacity } = plan.seatPlan;
    this.keys = new Keys(plan, capacity);
    this.reservations = new PiecedMap(capacity);
    this.attempts = new PiecedMap(capacity);
    this.seatsByMember = new Tally(capacity);
    this.persons = new PiecedMap(capacity);
    this.#rows = seatRows(plan.seatPlan);
    this.#freeByRow = Int32Array.from(this.#rows.all, ({ all }) => all);
    this.#states = new Uint8Array(plan.seatPlan.capacity);
    this.#holders = this.#rows.all.map(({ seats }) => new Array<ReservationId | null>(seats.length).fill(null));
    this.#freeByCabin = Int32Array.from(plan.seatPlan.capacityByCabin);
  }

  seatState(index: number): SeatState {
    const code = present(this.#states[index], "a seat of the plan");
    return code === OVER ? "free" : present(SEAT_STATES[code], "a known seat state");
  }

  isFree(index: number): boolean {
    return this.#states[index] === 0 || this.#states[index] === OVER;
  }

  /** Whether the person has a seat in the flight already. */
  sits(person: string): boolean {
    const id = this.persons.get(person);
    return id !== undefined && !this.reservation(id).isOver;
  }

  /** Whose the seat is: of a free one, the hold that is over and is still to be told of, or null. */
  holder(index: number): ReservationId | null {
    const holder = this.#holdersInRow(index)[present(this.#rows.columnOfSeat[index], "a seat of the plan")];
    return holder ?? null;
  }

  /** Free seats, by index into the seat plan's cabins. */
  get freeByCabin(): ArrayLike<number> {
    return this.#freeByCabin;
  }

  /** Free seats of a row of {@link seatRows}, by its order: bit `p` is the seat in column `p`. */
  freeInRow(order: number): number {
    return this.#freeByRow[order] ?? 0;
  }

  get freeSeats(): number {
    let free = 0;
    for (const each of this.#freeByCabin) free += each;
    return free;
  }

  /** Moves a seat between states. The holder of a seat changes only by way of free. */
  moveSeat(index: number, from: SeatState, to: SeatState, holder: ReservationId): void {
    assert(
      this.seatState(index) === from && this.#states[index] !== OVER,
      () => `seat ${this.plan.seatPlan.at(index).seat} is ${this.seatState(index)}, not ${from}`,
    );
    const held = this.holder(index);
    assert(
      from === "free" ? held === null : held === holder,
      () => `seat ${this.plan.seatPlan.at(index).seat} is ${holder}'s to move`,
    );
    this.#states[index] = SEAT_STATES.indexOf(to);
    this.#setHolder(index, to === "free" ? null : holder);
    this.#count(index, from, to);
  }

  /** The hold is over: its seats count as free, and nobody is counted for it. */
  letGo(reservation: Reservation): void {
    assert(reservation.status === "HELD" && !reservation.isOver, () => `${reservation.id} is over once`);
    reservation.isOver = true;
    this.holds.add(reservation);
    for (const index of reservation.seats) {
      assert(this.seatState(index) === "held" && this.holder(index) === reservation.id, "a hold has its seats");
      this.#states[index] = OVER;
      this.#count(index, "held", "free");
    }
    this.countSeats(reservation.member, -reservation.seats.length);
  }

  /** The end of a hold that is over is told. */
  clear(reservation: Reservation): void {
    reservation.isOver = false;
    for (const index of reservation.seats) {
      assert(
        this.#states[index] === OVER && this.holder(index) === reservation.id,
        "a hold that is over has its seats",
      );
      this.#states[index] = 0;
      this.#setHolder(index, null);
    }
  }

  /** The member has so many seats more, or fewer. */
  countSeats(member: MemberId, more: number): void {
    const count = this.seatsByMember.add(member, more);
    assert(count >= 0, () => `member's seats in ${this.plan.flightId} are counted`);
  }

  #holdersInRow(index: number): (ReservationId | null)[] {
    const row = present(this.#rows.rowOfSeat[index], "a seat of the plan");
    return present(this.#holders[row], "a row of the plan");
  }

  #setHolder(index: number, holder: ReservationId | null): void {
    this.#holdersInRow(index)[present(this.#rows.columnOfSeat[index], "a seat of the plan")] = holder;
  }

  #count(index: number, from: SeatState, to: SeatState): void {
    const cabin = present(this.plan.seatPlan.cabinIndex[index], "a seat's cabin");
    const row = present(this.#rows.rowOfSeat[index], "a seat's row");
    const bit = 1 << present(this.#rows.columnOfSeat[index], "a seat's column");
    if (from === "free") {
      this.#freeByCabin[cabin] = present(this.#freeByCabin[cabin], "a cabin's count") - 1;
      this.#freeByRow[row] = this.freeInRow(row) & ~bit;
    }
    if (to === "free") {
      this.timesFreed += 1;
      this.#freeByCabin[cabin] = present(this.#freeByCabin[cabin], "a cabin's count") + 1;
      this.#freeByRow[row] = this.freeInRow(row) | bit;
    }
  }

  /** Keeps what a key answered. */
  remember(record: KeyRecord, member?: string): void {
    const shown = reservationIn(record.reply);
    this.keys.record(record, shown === null ? undefined : this.reservations.get(shown.id), member);
  }

  reservation(id: ReservationId): Reservation {
    return present(this.reservations.get(id), () => `reservation ${id} of ${this.plan.flightId}`);
  }

  attempt(id: AttemptId): Attempt {
    return present(this.attempts.get(id), () => `attempt ${id} of ${this.plan.flightId}`);
  }

  /** The attempt that is still open, if there is one. */
  static openAttempt(reservation: Reservation): Attempt | null {
    const last = reservation.attempts.at(-1);
    return last !== undefined && last.status === "PENDING" ? last : null;
  }

  /** When the earliest hold ends, or should have been told to, or null: a lower bound is enough for whoever wakes the flight. */
  nextDeadlineMs(): number | null {
    return this.holds.nextMs();
  }
}

/** Ended for good, unless a late capture finds its seats free. */
export function hasEnded(reservation: Reservation): boolean {
  return reservation.status === "RELEASED" || reservation.status === "EXPIRED" || reservation.status === "CANCELLED";
}

/** Rows that the end of a hold is told by: the reservation, and the claim on each seat. */
export function endedRows({ seats }: Reservation): number {
  return 1 + seats.length;
}

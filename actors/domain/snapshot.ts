/** Owns the written form of a flight's state: what a load starts from, before it replays the journal's tail. */

import { assert } from "../assert.ts";
import type { KeyRecord, RefundReason, SeatedPassenger } from "./event.ts";
import type { FlightPlan } from "./plan.ts";
import type { PaymentStatus, ReservationStatus } from "./reply.ts";
import { type Attempt, FlightState, hasEnded, NONE, type Reservation } from "./state.ts";

const SNAPSHOT_SCHEMA = 1;

/** Plain JSON. Refused keys are not in it: they are read from the journal's last 90 s. */
export interface Snapshot {
  readonly schema: number;
  readonly version: number;
  readonly seatVersion: number;
  readonly logicalMs: number;
  readonly reservations: readonly SnapshotReservation[];
  readonly keys: readonly KeyRecord[];
}

interface SnapshotReservation {
  readonly id: string;
  readonly pnr: string;
  readonly member: string;
  readonly passengers: readonly SeatedPassenger[];
  readonly total: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly status: ReservationStatus;
  readonly generation: number;
  readonly isOver?: true;
  readonly ticketedBy: string | null;
  readonly tickets: readonly string[];
  readonly attempts: readonly SnapshotAttempt[];
}

interface SnapshotAttempt {
  readonly id: string;
  readonly amount: number;
  readonly expiresAtMs: number;
  readonly status: PaymentStatus;
  readonly checkoutUrl: string | null;
  readonly captured: { readonly amount: number; readonly currency: string } | null;
  readonly refundReason: RefundReason | null;
}

export function snapshotOf(state: FlightState, version: number): Snapshot {
  return {
    schema: SNAPSHOT_SCHEMA,
    version,
    seatVersion: state.seatVersion,
    logicalMs: state.logicalMs,
    reservations: Array.from(state.reservations.values(), keptReservation),
    keys: [...state.keys.successes()],
  };
}

/** Field by field: to copy an object without some of its fields takes several times as long, and a large flight has thousands. */
function keptReservation(reservation: Reservation): SnapshotReservation {
  const { isOver } = reservation;
  return {
    id: reservation.id,
    pnr: reservation.pnr,
    member: reservation.member,
    passengers: reservation.passengers,
    total: reservation.total,
    createdAtMs: reservation.createdAtMs,
    expiresAtMs: reservation.expiresAtMs,
    status: reservation.status,
    generation: reservation.generation,
    ...(isOver ? { isOver } : {}),
    ticketedBy: reservation.ticketedBy,
    tickets: reservation.tickets,
    attempts: reservation.attempts.map(keptAttempt),
  };
}

function keptAttempt({ reservation: _, ...attempt }: Attempt): SnapshotAttempt {
  return attempt;
}

/** The state that the snapshot was taken from, without its refused keys. */
export function restore(plan: FlightPlan, snapshot: Snapshot): FlightState {
  assert(
    snapshot.schema <= SNAPSHOT_SCHEMA,
    () => `a snapshot of schema ${snapshot.schema} is newer than this program`,
  );
  const state = new FlightState(plan);
  state.version = snapshot.version;
  state.logicalMs = snapshot.logicalMs;
  for (const kept of snapshot.reservations) restoreReservation(state, kept);
  for (const key of snapshot.keys) state.remember(key);
  state.seatVersion = snapshot.seatVersion;
  return state;
}

function restoreReservation(state: FlightState, { attempts, isOver, tickets, ...kept }: SnapshotReservation): void {
  const seats = kept.passengers.flatMap(({ seat }) => {
    if (seat === null) return [];
    const index = state.plan.seatPlan.indexOf(seat);
    assert(index !== undefined, () => `seat ${seat} of the plan`);
    return [index];
  });
  const reservation: Reservation = {
    ...kept,
    seats,
    attempts: NONE,
    tickets: tickets.length === 0 ? NONE : tickets,
    isOver: false,
  };
  state.reservations.set(reservation.id, reservation);
  if (attempts.length > 0) {
    const restored = attempts.map((attempt): Attempt => ({ ...attempt, reservation }));
    reservation.attempts = restored;
    for (const attempt of restored) state.attempts.set(attempt.id, attempt);
  }
  if (reservation.status === "HELD" && isOver !== true) state.holds.add(reservation);
  if (hasEnded(reservation)) return;
  for (const index of seats) {
    state.moveSeat(index, "free", "held", reservation.id);
    if (reservation.status === "TICKETED") state.moveSeat(index, "held", "sold", reservation.id);
  }
  state.countSeats(reservation.member, seats.length);
  for (const { person } of reservation.passengers) if (person !== undefined) state.persons.set(person, reservation.id);
  if (isOver === true) state.letGo(reservation);
}

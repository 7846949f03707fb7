/** Owns the rows that people read, worked out from what a batch changed; the doctor works them out again from the journal. */

import type { Changes } from "./changes.ts";
import type { PassengerType } from "./command.ts";
import type { RefundReason } from "./event.ts";
import type { AttemptId, Cabin, FlightId, MemberId, ReservationId, SeatId } from "./ids.ts";
import { fareOf } from "./plan.ts";
import type { PaymentStatus, ReservationStatus, SeatState } from "./reply.ts";
import type { Attempt, FlightState, Reservation } from "./state.ts";

export interface ReservationRow {
  readonly id: ReservationId;
  readonly flightId: FlightId;
  readonly memberId: MemberId;
  readonly pnr: string;
  readonly status: ReservationStatus;
  /** In the order of the request; JSON in the table. */
  readonly passengers: readonly { readonly type: PassengerType; readonly seat: SeatId | null }[];
  readonly totalAmount: number;
  readonly currency: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface SeatClaimRow {
  readonly seat: SeatId;
  readonly reservationId: ReservationId;
}

export interface PassengerRow {
  readonly reservationId: ReservationId;
  readonly ordinal: number;
  readonly name: string;
  readonly birthDate: string | null;
}

export interface PaymentRow {
  readonly id: AttemptId;
  readonly reservationId: ReservationId;
  readonly flightId: FlightId;
  readonly status: PaymentStatus;
  /** What was asked, and what was captured when money came. */
  readonly amount: number;
  readonly currency: string;
  readonly capturedAmount: number | null;
  readonly capturedCurrency: string | null;
  readonly refundReason: RefundReason | null;
  readonly checkoutUrl: string | null;
  readonly expiresAtMs: number;
  /** When the provider is to be asked first after this change, or null for never: whoever settles moves it on from there. */
  readonly nextLookMs: number | null;
}

export interface TicketRow {
  readonly reservationId: ReservationId;
  readonly ordinal: number;
  readonly number: string;
  readonly status: "ISSUED" | "CANCELLED";
}

export interface Written<Row> {
  readonly insert: readonly Row[];
  readonly update: readonly Row[];
}

/** Claims are removed before others are added, or a seat could not change hands within a batch. */
export interface Projection {
  readonly reservations: Written<ReservationRow>;
  readonly payments: Written<PaymentRow>;
  readonly tickets: Written<TicketRow>;
  readonly passengers: readonly PassengerRow[];
  readonly claims: { readonly remove: readonly SeatClaimRow[]; readonly add: readonly SeatClaimRow[] };
}

/** What a flight's row in the catalogue says of its seats, so that a search reads no actor. */
export interface CabinSummary {
  readonly cabin: Cabin;
  readonly capacity: number;
  readonly free: number;
  readonly lowestFare: number;
}

export function projectionOf(state: FlightState, changes: Changes): Projection {
  const reservations = { insert: [] as ReservationRow[], update: [] as ReservationRow[] };
  const tickets = { insert: [] as TicketRow[], update: [] as TicketRow[] };
  for (const [reservation, { isNew, hadTickets }] of changes.reservations) {
    (isNew ? reservations.insert : reservations.update).push(reservationRow(state, reservation));
    (hadTickets ? tickets.update : tickets.insert).push(...ticketRows(reservation));
  }
  const payments = { insert: [] as PaymentRow[], update: [] as PaymentRow[] };
  // Whoever looks goes by cluster time: where that was set back, the flight's own time is still to come.
  const nowMs = changes.nowMs ?? state.logicalMs;
  for (const [attempt, { isNew }] of changes.attempts) {
    (isNew ? payments.insert : payments.update).push(paymentRow(state, attempt, nowMs));
  }
  return { reservations, payments, tickets, passengers: changes.passengers, claims: claims(state, changes) };
}

function reservationRow({ plan }: FlightState, reservation: Reservation): ReservationRow {
  return {
    id: reservation.id,
    flightId: plan.flightId,
    memberId: reservation.member,
    pnr: reservation.pnr,
    status: reservation.status,
    passengers: reservation.passengers.map(({ type, seat }) => ({ type, seat })),
    totalAmount: reservation.total,
    currency: plan.currency,
    createdAtMs: reservation.createdAtMs,
    expiresAtMs: reservation.expiresAtMs,
  };
}

/** An open payment is asked for this soon even if no webhook hints at it. */
const OPEN_LOOK_MS = 10_000;

/** An ended payment is asked for again, because some providers capture late. */
const ENDED_LOOK_MS = 60_000;

function paymentRow({ plan }: FlightState, attempt: Attempt, nowMs: number): PaymentRow {
  return {
    id: attempt.id,
    reservationId: attempt.reservation.id,
    flightId: plan.flightId,
    status: attempt.status,
    amount: attempt.amount,
    currency: plan.currency,
    capturedAmount: attempt.captured?.amount ?? null,
    capturedCurrency: attempt.captured?.currency ?? null,
    refundReason: attempt.refundReason,
    checkoutUrl: attempt.checkoutUrl,
    expiresAtMs: attempt.expiresAtMs,
    nextLookMs: nextLookMs(attempt, nowMs),
  };
}

function nextLookMs({ status, reservation, expiresAtMs }: Attempt, nowMs: number): number | null {
  switch (status) {
    case "PENDING":
      if (reservation.status === "CANCELLING") return nowMs;
      return Math.max(nowMs, Math.min(nowMs + OPEN_LOOK_MS, expiresAtMs));
    case "REFUNDING":
      return nowMs;
    case "FAILED":
    case "CANCELLED":
      return nowMs + ENDED_LOOK_MS;
    case "CAPTURED":
    case "REFUNDED":
      return null;
  }
}

function ticketRows({ id, tickets, status }: Reservation): TicketRow[] {
  const ticketStatus = status === "TICKETED" ? "ISSUED" : "CANCELLED";
  return tickets.map((number, ordinal) => ({ reservationId: id, ordinal, number, status: ticketStatus }));
}

function claims(state: FlightState, changes: Changes): Projection["claims"] {
  const remove: SeatClaimRow[] = [];
  const add: SeatClaimRow[] = [];
  for (const [index, before] of changes.seats) {
    const holder = state.holder(index);
    if (holder === before) continue;
    const { seat } = state.plan.seatPlan.at(index);
    if (before !== null) remove.push({ seat, reservationId: before });
    if (holder !== null) add.push({ seat, reservationId: holder });
  }
  return { remove, add };
}

/**
 * The seats that a batch touched, as they are after it. One that is again as it was stands here too: somebody may have read the
 * seat map in the midst of the batch.
 */
export function seatChanges(state: FlightState, changes: Changes): { seat: SeatId; state: SeatState }[] {
  return Array.from(changes.seats.keys(), (index) => ({
    seat: state.plan.seatPlan.at(index).seat,
    state: state.seatState(index),
  }));
}

export function cabinSummaries(state: FlightState): CabinSummary[] {
  const { plan, freeByCabin } = state;
  return plan.seatPlan.cabins.map((cabin, at) => ({
    cabin,
    capacity: plan.seatPlan.capacityByCabin[at] ?? 0,
    free: freeByCabin[at] ?? 0,
    lowestFare: fareOf(plan, cabin),
  }));
}

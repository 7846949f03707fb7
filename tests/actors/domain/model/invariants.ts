/** Owns what must be true of a flight after every single command: I7, I8, and that the model and the flight agree. */

import { expect } from "bun:test";
import { assert } from "../../../../actors/assert.ts";
import type { FlightEvent } from "../../../../actors/domain/event.ts";
import { cabinSummaries } from "../../../../actors/domain/projection.ts";
import { seatRows } from "../../../../actors/domain/seat-rows.ts";
import type { Attempt, FlightState } from "../../../../actors/domain/state.ts";
import { type FlightModel, isAlive } from "./flight-model.ts";
import type { RealFlight } from "./real-flight.ts";

export function checkInvariants(model: FlightModel, real: RealFlight): void {
  checkSeats(real.state);
  checkMoney(real);
  checkAgreement(model, real.state);
}

/** I7, and every count of free seats agrees with it. */
function checkSeats(state: FlightState): void {
  const { seatPlan } = state.plan;
  const counted = { free: 0, held: 0, sold: 0, blocked: 0 };
  const freeByCabin = seatPlan.cabins.map(() => 0);
  const { rowOfSeat, columnOfSeat } = seatRows(seatPlan);
  seatPlan.seats.forEach((_, index) => {
    const seatState = state.seatState(index);
    counted[seatState] += 1;
    const cabin = seatPlan.cabinIndex[index] ?? -1;
    if (seatState === "free") freeByCabin[cabin] = (freeByCabin[cabin] ?? 0) + 1;
    const isFreeInRow = (state.freeInRow(rowOfSeat[index] ?? -1) >> (columnOfSeat[index] ?? 0)) & 1;
    expect({ index, isFreeInRow }).toEqual({ index, isFreeInRow: seatState === "free" ? 1 : 0 });
    const holder = state.holder(index);
    expect(holder === null).toBe(seatState === "free" || seatState === "blocked");
    if (holder === null) return;
    const reservation = state.reservation(holder);
    expect(reservation.seats).toContain(index);
    expect(seatState).toBe(reservation.status === "TICKETED" ? "sold" : "held");
  });
  expect(counted.free + counted.held + counted.sold + counted.blocked).toBe(seatPlan.capacity);
  expect(Array.from(state.freeByCabin)).toEqual(freeByCabin);
  expect(state.freeSeats).toBe(counted.free);
  expect(cabinSummaries(state).map(({ free }) => free)).toEqual(freeByCabin);
  expect(cabinSummaries(state).reduce((sum, { capacity }) => sum + capacity, 0)).toBe(seatPlan.capacity);
}

/** I8, by each attempt, by the journal's own account, and in sum. */
function checkMoney(real: RealFlight): void {
  const { state } = real;
  for (const attempt of state.attempts.values()) {
    const { reservation } = attempt;
    const isTicketed = reservation.status === "TICKETED" && reservation.ticketedBy === attempt.id;
    const isRefund = attempt.status === "REFUNDING" || attempt.status === "REFUNDED";
    const ends = Number(isTicketed) + Number(isRefund);
    expect({ attempt: attempt.id, ends }).toEqual({ attempt: attempt.id, ends: attempt.captured === null ? 0 : 1 });
    expect(isRefund).toBe(attempt.refundReason !== null);
    if (isTicketed) expect(attempt.captured).toEqual({ amount: reservation.total, currency: state.plan.currency });
  }
  for (const reservation of state.reservations.values()) {
    const open = reservation.attempts.filter(({ status }) => status === "PENDING");
    const isWaiting = reservation.status === "PAYING" || reservation.status === "CANCELLING";
    expect({ id: reservation.id, open: open.length }).toEqual({ id: reservation.id, open: isWaiting ? 1 : 0 });
    expect(reservation.tickets.length > 0).toBe(reservation.ticketedBy !== null);
    if (reservation.status === "TICKETED") expect(reservation.ticketedBy).not.toBeNull();
  }

  for (const { events } of real.journal) checkCaptures(events);
  const told = real.journal.flatMap(({ events }) => events);
  for (const attempt of state.attempts.values()) checkTold(attempt, told);
  const tickets = [...state.reservations.values()].flatMap((each) => each.tickets);
  expect(new Set(tickets).size).toBe(tickets.length);
}

/** Money that comes is ticketed or due back in the same turn, and not both. */
function checkCaptures(events: readonly FlightEvent[]): void {
  for (const event of events) {
    if (event.type !== "captured") continue;
    const ends = events.filter(
      (each) => (each.type === "ticketed" || each.type === "refund-due") && each.attempt === event.attempt,
    );
    expect(ends).toHaveLength(1);
  }
}

/** What the journal tells of one attempt: at most one capture, at most one way back, and never back before it came. */
function checkTold({ id, status }: Attempt, told: readonly FlightEvent[]): void {
  const count = (type: FlightEvent["type"]): number =>
    told.filter((each) => each.type === type && "attempt" in each && each.attempt === id).length;
  const captured = count("captured");
  expect(captured).toBeLessThanOrEqual(1);
  expect(count("refund-due")).toBeLessThanOrEqual(captured);
  expect(count("refunded")).toBe(status === "REFUNDED" ? 1 : 0);
  expect(count("refund-due")).toBe(status === "REFUNDING" || status === "REFUNDED" ? 1 : 0);
}

function checkAgreement(model: FlightModel, state: FlightState): void {
  for (const expected of model.reservations) {
    const reservation = state.reservations.get(expected.id);
    if (expected.isForgotten) {
      expect(reservation).toBeUndefined();
      continue;
    }
    assert(reservation !== undefined, `the flight knows ${expected.id}`);
    expect({ id: expected.id, status: reservation.status }).toEqual({ id: expected.id, status: expected.status });
  }
  for (const expected of model.attempts) {
    const { id, status, refundReason } = state.attempt(expected.id);
    expect({ id, status }).toEqual({ id, status: expected.status });
    if (expected.isWrong) expect(refundReason).toBe("WRONG_PAYMENT");
    else expect(refundReason).not.toBe("WRONG_PAYMENT");
  }
  const held = state.plan.seatPlan.seats.map(({ seat }, index) => [seat, state.holder(index)]);
  expect(held).toEqual(state.plan.seatPlan.seats.map(({ seat }) => [seat, model.holderOf(seat)?.id ?? null]));
  const alive = model.reservations.filter(isAlive);
  for (const [member, seats] of state.seatsByMember) {
    const theirs = alive.filter((each) => each.member === member);
    expect({ member, seats }).toEqual({ member, seats: theirs.reduce((sum, each) => sum + each.seats.length, 0) });
  }
  expect(new Set(Array.from(state.persons, ([person]) => person))).toEqual(
    new Set(alive.flatMap(({ persons }) => persons)),
  );
  const deadlines = alive.filter(({ status }) => status === "HELD").map(({ expiresAtMs }) => expiresAtMs);
  expect(state.nextDeadlineMs()).toBe(deadlines.length === 0 ? null : Math.min(...deadlines));
}

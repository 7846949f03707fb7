/** Owns the check of I7: every seat in exactly one state, held by whoever says so, and all of them together the capacity. */

import type { SeatState } from "../../actors/domain/reply.ts";
import { type FlightState, hasEnded } from "../../actors/domain/state.ts";

export function seatFindings(state: FlightState): string[] {
  const findings: string[] = [];
  const count: Record<SeatState, number> = { free: 0, held: 0, sold: 0, blocked: 0 };
  const { seats, capacity } = state.plan.seatPlan;
  for (let index = 0; index < capacity; index++) count[state.seatState(index)] += 1;
  const implied: Record<SeatState, number> = { free: capacity, held: 0, sold: 0, blocked: 0 };
  for (const reservation of state.reservations.values()) {
    if (hasEnded(reservation)) continue;
    const seatState = reservation.isOver ? "free" : reservation.status === "TICKETED" ? "sold" : "held";
    for (const index of reservation.seats) {
      implied.free -= 1;
      implied[seatState] += 1;
      if (state.holder(index) !== reservation.id || state.seatState(index) !== seatState) {
        findings.push(
          `I7: seat ${seats[index]?.seat} is ${state.seatState(index)}, but ${reservation.id} has it ${seatState}`,
        );
      }
    }
  }
  if (count.free + count.held + count.sold + count.blocked !== capacity || state.freeSeats !== count.free) {
    findings.push(`I7: ${JSON.stringify(count)} is not the capacity of ${capacity}`);
  }
  if (count.held !== implied.held || count.sold !== implied.sold) {
    findings.push(`I7: seats are ${JSON.stringify(count)}, reservations say ${JSON.stringify(implied)}`);
  }
  return findings;
}

/** Owns the check of I8: every captured payment is ticketed, refunded, or on its way with a time to look again. */

import type { FlightState } from "../../actors/domain/state.ts";

/** @param nextLookMs for each attempt, when its provider is asked next, or null for never */
export function moneyFindings(state: FlightState, nextLookMs: ReadonlyMap<string, number | null>): string[] {
  const findings: string[] = [];
  for (const attempt of state.attempts.values()) {
    const { id, reservation, status } = attempt;
    const hasTicketed = reservation.ticketedBy === id;
    const isWatched = (nextLookMs.get(id) ?? null) !== null;
    if (attempt.captured !== null && status === "CAPTURED" && !(hasTicketed && reservation.status === "TICKETED")) {
      findings.push(`I8: attempt ${id} has money, but its reservation is ${reservation.status}`);
    }
    if (reservation.status === "TICKETED" && hasTicketed && status !== "CAPTURED") {
      findings.push(`I8: reservation ${reservation.id} is ticketed by attempt ${id}, which is ${status}`);
    }
    if ((status === "PENDING" || status === "REFUNDING") && !isWatched) {
      findings.push(`I8: attempt ${id} is ${status} and nobody will look at it`);
    }
  }
  for (const reservation of state.reservations.values()) {
    const open = reservation.attempts.filter(({ status }) => status === "PENDING").length;
    if (open > 1) findings.push(`I8: reservation ${reservation.id} has ${open} open payment attempts`);
    const isPaying = reservation.status === "PAYING" || reservation.status === "CANCELLING";
    if (isPaying !== (open === 1))
      findings.push(`I8: reservation ${reservation.id} is ${reservation.status} with ${open} open attempts`);
  }
  return findings;
}

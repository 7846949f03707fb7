/** Owns how reservations and tickets are shown to their members. */

import type { HoldPassenger } from "../../actors/domain/command.ts";
import type { ReservationView } from "../../actors/domain/reply.ts";
import type { StoredPayment, StoredReservation } from "./reservation-reader.ts";

/**
 * A fresh hold. The flight knows no names: they are those of the request, which are the same whenever its key is answered again.
 */
export function heldView(held: ReservationView, asked: readonly HoldPassenger[]) {
  const { id, pnr, flightId, status, passengers, total, expiresAtMs } = held;
  return {
    id,
    pnr,
    flightId,
    status,
    passengers: passengers.map(({ type, seat }, ordinal) => ({ name: asked[ordinal]?.name ?? "", type, seat })),
    total,
    expiresAt: isoTime(expiresAtMs),
  };
}

export function reservationView(stored: StoredReservation) {
  const { id, pnr, flightId, status, passengers, total, expiresAtMs, payments } = stored;
  // Late money buys for the attempt that it came for, which others may have followed.
  const bought = payments.find((each) => each.status === "CAPTURED" || each.refundReason === "CANCELLED");
  const payment = bought ?? payments.at(-1);
  const refunds = payments.filter(({ status }) => status === "REFUNDING" || status === "REFUNDED");
  const refund = refunds.find((each) => each === bought) ?? refunds.at(-1);
  return {
    id,
    pnr,
    flightId,
    status,
    passengers,
    total,
    expiresAt: isoTime(expiresAtMs),
    ...(payment === undefined ? {} : { payment: paymentView(payment) }),
    ...(refund === undefined ? {} : { refund: refundView(refund) }),
  };
}

function paymentView({ id, status, amount, checkoutUrl, expiresAtMs }: StoredPayment) {
  return { id, status, amount, checkoutUrl, expiresAt: isoTime(expiresAtMs) };
}

/** What goes back is what came. */
function refundView({ status, amount, captured }: StoredPayment) {
  return { status, amount: captured ?? amount };
}

export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** Owns the columns that the journal implies, for those who compare them and those who write them anew. */

import type { PaymentRow, ReservationRow, TicketRow } from "../../actors/domain/projection.ts";
import type { PaymentTable, ReservationTable, TicketTable } from "../schema.ts";

export function reservationColumns(row: ReservationRow): ReservationTable {
  return {
    id: row.id,
    flight_id: row.flightId,
    member_id: row.memberId,
    pnr: row.pnr,
    status: row.status,
    passengers: JSON.stringify(row.passengers),
    total_amount: row.totalAmount,
    currency: row.currency,
    created_at_ms: row.createdAtMs,
    expires_at_ms: row.expiresAtMs,
  };
}

/** Without the times to look again: they are kept by whoever settles. */
export function paymentColumns(row: PaymentRow): Omit<PaymentTable, "next_look_ms" | "looks"> {
  return {
    id: row.id,
    reservation_id: row.reservationId,
    flight_id: row.flightId,
    status: row.status,
    amount: row.amount,
    currency: row.currency,
    captured_amount: row.capturedAmount,
    captured_currency: row.capturedCurrency,
    refund_reason: row.refundReason,
    checkout_url: row.checkoutUrl,
    expires_at_ms: row.expiresAtMs,
  };
}

export function ticketColumns(row: TicketRow): TicketTable {
  return { reservation_id: row.reservationId, ordinal: row.ordinal, number: row.number, status: row.status };
}

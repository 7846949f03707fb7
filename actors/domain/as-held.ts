/** Owns the answer to a hold in short: it says again what was held, so neither memory nor the journal keeps it a second time. */

import type { Held } from "./event.ts";
import type { FlightId } from "./ids.ts";
import type { Reply, ReservationView } from "./reply.ts";

/** What is the same for all holds of a flight. */
export interface HeldIn {
  readonly flightId: FlightId;
  readonly currency: string;
}

/** The answer to the hold, letter for letter. */
export function replyAsHeld({ flightId, currency }: HeldIn, held: Held): Reply {
  const { id, pnr, member, passengers, total, expiresAtMs } = held;
  const reservation: ReservationView = {
    id,
    pnr,
    flightId,
    member,
    status: "HELD",
    passengers: passengers.map(({ type, seat }) => ({ type, seat })),
    total: { amount: total, currency },
    expiresAtMs,
  };
  return { ok: true, result: { kind: "reservation", reservation } };
}

/** The reservation that the answer shows, or null. */
export function reservationIn(reply: Reply): ReservationView | null {
  return reply.ok && reply.result.kind === "reservation" ? reply.result.reservation : null;
}

/** Whether {@link replyAsHeld} gives back the whole answer, flight and currency apart: it would, unless answers come to say more. */
export function saysAsHeld(view: ReservationView, held: Held): boolean {
  return (
    view.id === held.id &&
    view.pnr === held.pnr &&
    view.member === held.member &&
    view.status === "HELD" &&
    view.payment === undefined &&
    view.total.amount === held.total &&
    view.expiresAtMs === held.expiresAtMs &&
    view.passengers.length === held.passengers.length &&
    view.passengers.every(({ type, seat, ticket }, ordinal) => {
      const passenger = held.passengers[ordinal];
      return ticket === undefined && type === passenger?.type && seat === passenger.seat;
    })
  );
}

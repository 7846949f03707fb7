/** Owns the turn of a hold that nobody decided, for the measures of what lies below the actor: as long as that of a real one. */

import type { TurnRecord } from "../actors/domain/event.ts";
import type { FlightId, MemberId, ReservationId, SeatId } from "../actors/domain/ids.ts";
import { keyName, SUCCESS_KEPT_MS } from "../actors/domain/keys.ts";

export const FARE = 90_000;
export const CURRENCY = "KRW";
export const PNR = "ABCDEF";
export const HOLD_MS = 900_000;

export interface Held {
  readonly id: ReservationId;
  readonly flightId: FlightId;
  readonly member: MemberId;
  readonly seat: SeatId;
  readonly atMs: number;
}

export function heldTurn({ id, flightId, member, seat, atMs }: Held): TurnRecord {
  const made = { id, pnr: PNR, member, passengers: [{ type: "ADT" as const, seat }], expiresAtMs: atMs + HOLD_MS };
  const reservation = { ...made, flightId, status: "HELD" as const, total: { amount: FARE, currency: CURRENCY } };
  return {
    atMs,
    events: [{ type: "held", ...made, total: FARE }],
    key: {
      name: keyName(member, "hold", "key-100000"),
      fingerprint: "0123456789abcdefghijkl",
      keptUntilMs: atMs + SUCCESS_KEPT_MS,
      reply: { ok: true, result: { kind: "reservation", reservation } },
    },
  };
}

/** Owns what a flight answers: a result or the domain's "no". Both are values, and both are final under their key. */

import type { PassengerType } from "./command.ts";
import type { AttemptId, Cabin, FlightId, MemberId, ReservationId, SeatId } from "./ids.ts";
import type { Money } from "./money.ts";

export type SeatState = "free" | "held" | "sold" | "blocked";

export type ReservationStatus = "HELD" | "PAYING" | "TICKETED" | "CANCELLING" | "CANCELLED" | "RELEASED" | "EXPIRED";

export type PaymentStatus = "PENDING" | "CAPTURED" | "FAILED" | "CANCELLED" | "REFUNDING" | "REFUNDED";

export interface PaymentView {
  readonly id: AttemptId;
  readonly status: PaymentStatus;
  readonly amount: Money;
  readonly checkoutUrl: string | null;
  readonly expiresAtMs: number;
}

/** A reservation without the names, which only the `passenger` table knows. */
export interface ReservationView {
  readonly id: ReservationId;
  readonly pnr: string;
  readonly flightId: FlightId;
  readonly member: MemberId;
  readonly status: ReservationStatus;
  readonly passengers: readonly {
    readonly type: PassengerType;
    readonly seat: SeatId | null;
    readonly ticket?: string;
  }[];
  readonly total: Money;
  /** End of the hold, milliseconds since the epoch. */
  readonly expiresAtMs: number;
  /** The latest attempt. */
  readonly payment?: PaymentView;
}

export interface SeatMapView {
  readonly flightId: FlightId;
  /** Rises only when a seat's public state changes. */
  readonly seatVersion: number;
  readonly seats: readonly {
    readonly seat: SeatId;
    readonly cabin: Cabin;
    readonly price: Money;
    readonly state: SeatState;
    readonly features: readonly string[];
  }[];
}

/** The domain's "no". */
export interface Rejection {
  readonly code: RejectionCode;
  /** A sentence for a person, without personal data. */
  readonly detail: string;
  /** `SEAT_TAKEN`, `SEAT_NOT_FOUND`, `SEAT_NOT_ALLOWED`: the seats in question. */
  readonly seats?: readonly SeatId[];
  /** `SEAT_TAKEN`: free seats nearest to those asked for, at the version that decided. */
  readonly alternatives?: readonly SeatId[];
  /** `VALIDATION`: the field at fault. */
  readonly field?: string;
}

export type RejectionCode =
  | "VALIDATION"
  | "FLIGHT_NOT_FOUND"
  | "FLIGHT_DEPARTED"
  | "SOLD_OUT"
  | "SEAT_TAKEN"
  | "SEAT_NOT_FOUND"
  | "SEAT_NOT_ALLOWED"
  | "LIMIT_EXCEEDED"
  | "RESERVATION_NOT_FOUND"
  | "HOLD_EXPIRED"
  | "ALREADY_PAID"
  | "NOT_PAYABLE"
  | "NOT_RELEASABLE"
  | "IDEMPOTENCY_KEY_REUSED"
  | "ADMISSION_REQUIRED";

export type Result =
  | { readonly kind: "reservation"; readonly reservation: ReservationView }
  /** `isNew`: this command opened the attempt; otherwise it was open already. */
  | {
      readonly kind: "payment";
      readonly reservationId: ReservationId;
      readonly payment: PaymentView;
      readonly isNew: boolean;
    }
  | { readonly kind: "seat-map"; readonly seatMap: SeatMapView }
  | { readonly kind: "done" };

export type Reply =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly rejection: Rejection };

export function rejected(code: RejectionCode, detail: string, extra: Omit<Rejection, "code" | "detail"> = {}): Reply {
  return { ok: false, rejection: { code, detail, ...extra } };
}

/** Owns the port to what members see of their reservations and tickets: the committed projections, and no flight is asked. */

import type { PassengerType } from "../../actors/domain/command.ts";
import type { RefundReason } from "../../actors/domain/event.ts";
import type { AttemptId, FlightId, MemberId, ReservationId, SeatId } from "../../actors/domain/ids.ts";
import type { Money } from "../../actors/domain/money.ts";
import type { PaymentStatus, ReservationStatus } from "../../actors/domain/reply.ts";
import type { Page, PageRequest } from "../plugins/paging.ts";

export interface StoredPayment {
  readonly id: AttemptId;
  readonly status: PaymentStatus;
  /** What was asked. */
  readonly amount: Money;
  /** What came, or null if nothing has. */
  readonly captured: Money | null;
  /** Why what came goes back, or null if it does not. */
  readonly refundReason: RefundReason | null;
  /** null until the provider has opened the attempt. */
  readonly checkoutUrl: string | null;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

export interface StoredReservation {
  readonly id: ReservationId;
  readonly flightId: FlightId;
  readonly member: MemberId;
  readonly pnr: string;
  readonly status: ReservationStatus;
  /** In the order of the request. */
  readonly passengers: readonly {
    readonly name: string;
    readonly type: PassengerType;
    readonly seat: SeatId | null;
  }[];
  readonly total: Money;
  /** End of the hold, milliseconds since the epoch. */
  readonly expiresAtMs: number;
  /** Every attempt at paying, in the order in which they began. */
  readonly payments: readonly StoredPayment[];
}

export type TicketStatus = "ISSUED" | "CANCELLED";

export interface StoredTicket {
  /** 13 digits. */
  readonly number: string;
  readonly pnr: string;
  readonly reservationId: ReservationId;
  readonly flightId: FlightId;
  readonly passenger: string;
  /** null for an infant. */
  readonly seat: SeatId | null;
  readonly status: TicketStatus;
}

/** Which ticket of which reservation a number is. */
export interface FoundTicket {
  readonly number: string;
  readonly reservationId: ReservationId;
  /** Position of its passenger in the reservation. */
  readonly ordinal: number;
  readonly status: TicketStatus;
}

/** Whatever a flight has answered is seen here by every read that begins after the answer. */
export interface ReservationReader {
  /** Whoever's it is: the caller checks the member. */
  find(id: ReservationId): Promise<StoredReservation | null>;

  /** Newest first. */
  ofMember(member: MemberId, request: PageRequest): Promise<Page<StoredReservation>>;

  /** Those of the newest reservation first; within one, in the order of its passengers. */
  ticketsOf(member: MemberId, request: PageRequest): Promise<Page<StoredTicket>>;

  /** Whoever's it is: the caller checks the member. */
  findTicket(number: string): Promise<FoundTicket | null>;
}

/** Owns the port to what a mail says: who it goes to, and names that the journal doesn't know, as they are when it is sent. */

import type { PassengerType } from "../../actors/domain/command.ts";
import type { AttemptId, ReservationId, SeatId } from "../../actors/domain/ids.ts";
import type { Money } from "../../actors/domain/money.ts";

export interface MailPassenger {
  /** null once it has been erased. */
  readonly name: string | null;
  readonly type: PassengerType;
  readonly seat: SeatId | null;
}

export interface MailFlight {
  readonly airline: string;
  readonly number: string;
  readonly origin: string;
  readonly destination: string;
  /** ISO 8601 with offset. */
  readonly departsLocal: string;
  readonly arrivesLocal: string;
}

export interface MailReservation {
  readonly pnr: string;
  /** null when the member has been erased: nobody is to be written to. */
  readonly member: { readonly address: string; readonly name: string | null } | null;
  readonly flight: MailFlight;
  /** In the order of the reservation. */
  readonly passengers: readonly MailPassenger[];
  readonly total: Money;
}

export interface MailPayment {
  readonly reservationId: ReservationId;
  /** What was asked. */
  readonly amount: Money;
  /** What was captured; null until then. */
  readonly captured: Money | null;
}

export interface MailDirectory {
  /** null if there is no such reservation. */
  reservation(id: ReservationId): Promise<MailReservation | null>;

  /** null if there is no such attempt. */
  payment(attempt: AttemptId): Promise<MailPayment | null>;
}

/** Owns the port to the payment attempts, and to the moment at which the provider is to be asked about each next. */

import type { AttemptId, FlightId, ReservationId } from "../../actors/domain/ids.ts";
import type { Money } from "../../actors/domain/money.ts";
import type { PaymentStatus } from "../../actors/domain/reply.ts";

/** An attempt as it was committed when it was read. */
export interface BookedPayment {
  readonly id: AttemptId;
  readonly flightId: FlightId;
  readonly reservationId: ReservationId;
  readonly status: PaymentStatus;
  /** What was asked. */
  readonly amount: Money;
  /** What was captured; null until then. */
  readonly captured: Money | null;
  readonly expiresAtMs: number;
  /** The member has cancelled while it was open: it is to be closed at the provider. */
  readonly isCancelling: boolean;
  /** When to ask next, in milliseconds since the epoch; null when nothing is open. */
  readonly nextLookMs: number | null;
  /** How often the provider has been asked since the status last changed. */
  readonly looks: number;
}

/**
 * The attempts themselves are written by the flight's commit, each time with the first moment to look and no looks yet; here only that moment moves.
 * Deliberately not here: claims. Everything that a look leads to is idempotent, so two that look at one attempt do no harm.
 */
export interface PaymentBook {
  /** Attempts whose next look is at `nowMs` or before, the longest waiting first. */
  due(nowMs: number, limit: number): Promise<readonly BookedPayment[]>;

  find(attempt: AttemptId): Promise<BookedPayment | null>;

  /**
   * Notes durably that the provider was asked, and when to ask again; null for never.
   * Does nothing if the attempt is no longer as `seen`: whoever changed it has set a moment of its own.
   */
  lookAgain(seen: BookedPayment, atMs: number | null): Promise<void>;

  /** How many attempts are PENDING although they should have been closed at `beforeMs`. */
  countPendingSince(beforeMs: number): Promise<number>;
}

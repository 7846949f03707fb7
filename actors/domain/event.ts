/** Owns the facts that a flight's journal is made of. A field is only ever added, under a new schema version. No personal data. */

import type { PassengerType } from "./command.ts";
import type { AttemptId, MemberId, ReservationId, SeatId } from "./ids.ts";

/**
 * Version of the journal's entries that this program writes; it reads this one and older ones.
 * 2: `overUntilMs` of `expired`. 3: the answer to a hold may be a word (see db/turns-text.ts).
 */
export const JOURNAL_SCHEMA = 3;

/** The oldest version that a program must read to go on with what this one writes; hosts that can't are given no shard that one of these had. */
export const MIN_READER = 3;

export interface SeatedPassenger {
  readonly type: PassengerType;
  /** null for an infant, who sits on an adult's lap. */
  readonly seat: SeatId | null;
  readonly person?: string;
}

export type RefundReason = "CANCELLED" | "SEATS_GONE" | "NOT_THE_TICKETING_ATTEMPT" | "WRONG_PAYMENT";

/** What a hold did, as its event and its reservation tell it; none of it ever changes. */
export interface Held {
  readonly id: ReservationId;
  readonly pnr: string;
  readonly member: MemberId;
  readonly passengers: readonly SeatedPassenger[];
  /** In minor units of the flight's currency. */
  readonly total: number;
  readonly expiresAtMs: number;
}

export type FlightEvent =
  | ({ readonly type: "held" } & Held)
  | { readonly type: "released"; readonly id: ReservationId }
  | {
      readonly type: "expired";
      readonly id: ReservationId;
      /**
       * Every hold whose deadline had passed by then is over as well, though its own end is told later. Programs that don't know this field
       * end all of those at once, in the first turn in which they find them.
       */
      readonly overUntilMs?: number;
    }
  | {
      readonly type: "payment-begun";
      readonly id: ReservationId;
      readonly attempt: AttemptId;
      readonly expiresAtMs: number;
    }
  | { readonly type: "payment-opened"; readonly attempt: AttemptId; readonly checkoutUrl: string }
  /** A definite end without money; what becomes of the reservation is told by the event after it, or it is HELD again. */
  | { readonly type: "payment-ended"; readonly attempt: AttemptId; readonly status: "FAILED" | "CANCELLED" }
  /** Money came. Followed by `ticketed` for the attempt that buys the seats, by `refund-due` for any other. */
  | { readonly type: "captured"; readonly attempt: AttemptId; readonly amount: number; readonly currency: string }
  | {
      readonly type: "ticketed";
      readonly id: ReservationId;
      readonly attempt: AttemptId;
      /** One for each passenger, in their order. */
      readonly tickets: readonly string[];
    }
  /** An expired reservation took the same seats again, because its late capture found them free. */
  | { readonly type: "retaken"; readonly id: ReservationId }
  | { readonly type: "cancelling"; readonly id: ReservationId }
  | { readonly type: "cancelled"; readonly id: ReservationId }
  | { readonly type: "refund-due"; readonly attempt: AttemptId; readonly reason: RefundReason }
  | { readonly type: "refunded"; readonly attempt: AttemptId };

export type EventType = FlightEvent["type"];

/** What one key answered: kept until `keptUntilMs`, byte for byte. */
export interface KeyRecord {
  /** `member/op/key`; see {@link keyName}. */
  readonly name: string;
  readonly fingerprint: string;
  readonly keptUntilMs: number;
  readonly reply: import("./reply.ts").Reply;
}

/** One turn of the actor that left a trace: what happened, and what was answered under which key. */
export interface TurnRecord {
  readonly atMs: number;
  readonly events: readonly FlightEvent[];
  readonly key: KeyRecord | null;
}

/** What one journal row holds: the turns of one flight in one batch. */
export interface JournalEntry {
  readonly schema: number;
  readonly turns: readonly TurnRecord[];
}

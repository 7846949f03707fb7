/** Owns what may be asked of a flight. */

import type { AttemptId, Cabin, FlightId, MemberId, ReservationId, SeatId } from "./ids.ts";
import type { Money } from "./money.ts";

export type PassengerType = "ADT" | "CHD" | "INF";

export interface HoldPassenger {
  readonly name: string;
  readonly type: PassengerType;
  /** `YYYY-MM-DD` */
  readonly birthDate?: string;
  readonly seat?: SeatId;
  /** A keyed hash over name and birth date, where both are known: lets a flight seat each person once without knowing who it is. */
  readonly person?: string;
}

export interface HoldArgs {
  readonly passengers: readonly HoldPassenger[];
  readonly prefer?: { readonly cabin?: Cabin; readonly together?: boolean };
}

export interface SettlePaymentArgs {
  readonly attempt: AttemptId;
  /** What the provider said when asked by attempt id: never what a browser or webhook claims. */
  readonly status: "CAPTURED" | "FAILED" | "CANCELLED";
  readonly amount: Money;
  /** Whether the payment names us as its merchant, and none of it has been given back. */
  readonly ours: boolean;
  /** Nothing is sold in the flight any more: money for a reservation that has expired goes back. */
  readonly saleClosed?: true;
}

/** By operation, what it is given. */
export interface ArgsByOp {
  /** Claims seats for a member for a limited time. */
  readonly hold: HoldArgs;
  /** Gives up a reservation that is HELD. */
  readonly release: { readonly reservationId: ReservationId };
  /** Ends a reservation in whatever state it is: a hold is released, a ticket refunded, an open payment cancelled first. */
  readonly cancel: { readonly reservationId: ReservationId };
  readonly "begin-payment": { readonly reservationId: ReservationId };
  /** Notes where the member pays, once the provider has opened the attempt. */
  readonly "open-payment": { readonly attempt: AttemptId; readonly checkoutUrl: string };
  readonly "settle-payment": SettlePaymentArgs;
  /** Notes that the provider has given the money of an attempt back. */
  readonly "settle-refund": { readonly attempt: AttemptId };
  /** Gives the flight a turn, in which the named hold ends, if its time is over, and a share of the others that are. */
  readonly expire: { readonly reservationId: ReservationId; readonly generation: number };
  readonly "seat-map": Record<never, never>;
  readonly reservation: { readonly reservationId: ReservationId };
}

export type Op = keyof ArgsByOp;

/** Ops that only read: they carry no key, and the state that they show is fenced like a change. */
export type ReadOp = "seat-map" | "reservation";

/** A request to one flight. */
export type Command<O extends Op = Op> = {
  readonly [K in O]: {
    readonly flightId: FlightId;
    readonly op: K;
    readonly args: ArgsByOp[K];
    /** Who asks; null for the system itself. A member reaches only what is theirs. */
    readonly member: MemberId | null;
    /** Idempotency key within (member, flight, op); null for reads and for commands that are idempotent by what they say. */
    readonly key: string | null;
    /** What the key stands for: another fingerprint under the same key is refused. */
    readonly fingerprint: string;
    /** Only what its key has been answered is asked for: without an answer it is refused as ADMISSION_REQUIRED, and nothing is recorded. */
    readonly replayOnly?: true;
    /** Not begun after this moment (cluster time, milliseconds since the epoch); at most {@link DEADLINE_AHEAD_MS_MAX} away. */
    readonly deadlineMs: number;
    /** `traceparent` of whoever asks (W3C Trace Context): carried along, and never decided on. */
    readonly trace?: string;
  };
}[O];

/** Farther deadlines are clamped to this: refusals are kept three times as long. */
export const DEADLINE_AHEAD_MS_MAX = 30_000;

/** Whether it changes nothing: it carries no key, and can be asked again. */
export function isRead(op: Op): op is ReadOp {
  return op === "seat-map" || op === "reservation";
}

/** Owns the contract of the peers: the usual ways to sell a seat once, each as good as it gets, for the benches to compare with. */

import type { FlightId, MemberId, ReservationId, SeatId } from "../../actors/domain/ids.ts";

/** A hold as the HTTP layer has checked it: its flight and its seats exist. */
export interface HoldRequest {
  readonly flightId: FlightId;
  readonly member: MemberId;
  readonly key: string;
  /** Of the request that the key stands for. */
  readonly fingerprint: string;
  /** At least one and each once, in the order of their names: whoever locks several locks them in this order. */
  readonly seats: readonly SeatId[];
  /** What the reservation will be, if there will be one. */
  readonly reservationId: ReservationId;
  readonly pnr: string;
  /** As JSON: names, types and seats. */
  readonly passengers: string;
  readonly amount: number;
  readonly currency: string;
  readonly nowMs: number;
  /** When the hold ends: a claim is free for others from then on. */
  readonly expiresAtMs: number;
  /** What the member is answered if the seats are held. */
  readonly body: string;
}

export type Verdict = "HELD" | "SEAT_TAKEN" | "SEAT_NOT_FOUND";

/** What a key was decided to: never anything else as long as the key is known. */
export interface Decision {
  readonly verdict: Verdict;
  /** Of HELD the body, and otherwise the seats in question, with commas between. */
  readonly content: string;
}

export interface Answer extends Decision {
  /** Where the key was decided before: the fingerprint that it had then. Null: it was decided now. */
  readonly replayOf: string | null;
}

/** Which answer a key gets that has none yet. */
export type KeyOwner = Pick<HoldRequest, "flightId" | "member" | "key" | "fingerprint">;

/**
 * A way to sell seats. Whichever it is:
 *
 * - A seat is claimed by at most one hold whose time is not over, however many ask at once. All seats of a request or none.
 * - A key (of a member and a flight) is decided once: the same decision is given to whoever asks with it again, at the same time or
 *   later. A refusal is kept as well as a hold. Fingerprints are compared by the caller.
 * - A hold leaves a row in `claim` (or `seat`) for each seat, one in `reservation`, and one in `answered`; a refusal leaves the last alone.
 * - If {@link PeerKind.isDurable}, all of that is committed and flushed when the promise is fulfilled.
 * - A promise that is rejected leaves the outcome open: the same key tells.
 *
 * Deliberately not in it, though the product does it: choosing seats, limits by member and passenger, alternatives to a taken seat, departure,
 * deadlines, and forgetting old keys. All of that would only cost the peers.
 */
export interface Peer {
  hold(request: HoldRequest): Promise<Answer>;

  /** Decides a key without a look at any seat, unless it is decided already. */
  decide(owner: KeyOwner, decision: Decision): Promise<Answer>;

  /** Finishes what was asked, and gives its connections back. Nothing is asked after it. */
  close(): Promise<void>;
}

export interface PeerOptions {
  /** `mysql://user:password@host:port/database` */
  readonly database: string;
  /** `redis://host:port`, for those that {@link PeerKind.needsRedis}. */
  readonly redis: string | null;
  /** Connections to the database. */
  readonly pool: number;
}

export interface PeerKind {
  /** What it is, in a few words, for reports. */
  readonly title: string;
  /** Whether what was answered survives the loss of everything but the database. */
  readonly isDurable: boolean;
  readonly needsRedis: boolean;
  /** Whether it wants a row for each seat before anything is sold. */
  readonly needsSeatRows: boolean;
  /** Connections to the database without a better idea; a bench begins here to search for the best. */
  readonly pool: number;
  /** Needs the tables of schema.ts. */
  open(options: PeerOptions): Promise<Peer>;
}

/** Owns the port to the waiting room: whether a member may reserve in a flight now. */

import type { FlightId, MemberId } from "../../actors/domain/ids.ts";

export type AdmissionReason =
  | "missing"
  | "invalid"
  | "expired"
  | "revoked"
  | "wrong-member"
  | "wrong-flight"
  | "old-epoch";

export type Admission = { readonly admitted: true } | { readonly admitted: false; readonly reason: AdmissionReason };

export interface WaitingRoom {
  /** Public state of the flight's room: `off` when nobody has to wait. */
  state(flightId: FlightId): "off" | "prequeue" | "open" | "sold_out" | "paused" | "closed";

  /** Whether `pass`, as sent by the member, opens the door to reserving in the flight. */
  admits(flightId: FlightId, member: MemberId, pass: string | null): Admission;
}

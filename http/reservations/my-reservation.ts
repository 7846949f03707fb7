/** Owns how a route comes by a reservation of its member's: somebody else's looks the same as one that does not exist, and what a flight has said is not read again. */

import type { MemberId } from "../../actors/domain/ids.ts";
import type { Reply } from "../../actors/domain/reply.ts";
import { Problem } from "../problem.ts";
import type { ReservationReader, StoredReservation } from "./reservation-reader.ts";

const RESERVATION_ID = /^[A-Za-z0-9-]{1,36}$/;

/**
 * @param id null when the path was not valid UTF-8, whatever Elysia's types say [1.4.30]
 * @throws Problem 404 RESERVATION_NOT_FOUND
 */
export async function myReservation(
  reader: ReservationReader,
  member: MemberId,
  id: string | null,
): Promise<StoredReservation> {
  const stored = id !== null && RESERVATION_ID.test(id) ? await reader.find(id) : null;
  if (stored !== null && stored.member === member) return stored;
  throw new Problem(404, "RESERVATION_NOT_FOUND", "There is no such reservation.");
}

/** Ended for good: only a late capture can still bring an EXPIRED one back. */
export function hasEnded({ status }: StoredReservation): boolean {
  return status === "RELEASED" || status === "EXPIRED" || status === "CANCELLED";
}

/**
 * The reservation as it is after a hold without payments was given up, which its flight has said all of; null after anything else: then it
 * is to be read again.
 */
export function releasedOf(stored: StoredReservation, reply: Reply): StoredReservation | null {
  if (!reply.ok || reply.result.kind !== "reservation" || stored.payments.length > 0) return null;
  const { status, payment } = reply.result.reservation;
  return status === "RELEASED" && payment === undefined ? { ...stored, status } : null;
}

/** Owns the peer that locks the rows of the seats: those who want different seats of a flight are not in each other's way. */

import { present } from "../../actors/assert.ts";
import { databasePeer } from "./database-peer.ts";
import type { Answer, HoldRequest, PeerKind } from "./peer.ts";
import type { Link } from "./pool.ts";
import {
  bySeats,
  claimedAt,
  decidedNow,
  heldDecision,
  isDuplicate,
  marks,
  recall,
  refuse,
  remember,
  reserve,
  takenDecision,
} from "./writes.ts";

const lock = bySeats((count) => {
  return `select seat, expires_at_ms from seat where flight_id = ? and seat in (${marks(count)}) order by seat for update`;
});
const take = bySeats((count) => {
  return `update seat set reservation_id = ?, expires_at_ms = ? where flight_id = ? and seat in (${marks(count)}) and expires_at_ms <= ?`;
});

/** Two trips, as those of two-trips.ts: what is written may be undone by then. */
async function hold(link: Link, request: HoldRequest): Promise<Answer> {
  const { flightId, seats, reservationId, nowMs, expiresAtMs } = request;
  const held = heldDecision(request);
  const [locked, taken, reserved, remembered] = await link.all([
    [lock(seats.length), [flightId, ...seats]],
    [take(seats.length), [reservationId, expiresAtMs, flightId, ...seats, nowMs]],
    reserve(request),
    remember(request, held),
  ]);
  for (const outcome of [locked, taken, reserved]) isDuplicate(present(outcome, "every statement was answered"));
  if (isDuplicate(present(remembered, "the key was answered"))) {
    await link.one("rollback");
    return await recall(link, request);
  }
  const claimed = claimedAt(nowMs, present(locked, "the lock was answered").rows);
  if (claimed.length > 0) return await refuse(link, request, takenDecision(claimed));
  await link.one("commit");
  return decidedNow(held);
}

export const seatLock: PeerKind = {
  title: "seat row lock (SELECT … FOR UPDATE)",
  isDurable: true,
  needsRedis: false,
  needsSeatRows: true,
  pool: 16,
  open: (options) => databasePeer(options, hold),
};

/** Owns the names of the peers. */

import { flightLock } from "./flight-lock.ts";
import { flightLockProcedure } from "./flight-lock-procedure.ts";
import { oneTrip } from "./one-trip.ts";
import { optimistic } from "./optimistic.ts";
import type { PeerKind } from "./peer.ts";
import { redisLater } from "./redis-later.ts";
import { redisLock } from "./redis-lock.ts";
import { seatLock } from "./seat-lock.ts";

export const PEERS = {
  "flight-lock": flightLock,
  "flight-procedure": flightLockProcedure,
  "seat-lock": seatLock,
  optimistic,
  "one-trip": oneTrip,
  "redis-lock": redisLock,
  "redis-later": redisLater,
} as const satisfies Record<string, PeerKind>;

export type PeerName = keyof typeof PEERS;

export const PEER_NAMES = Object.keys(PEERS) as readonly PeerName[];

export function isPeerName(name: string | undefined): name is PeerName {
  return name !== undefined && Object.hasOwn(PEERS, name);
}

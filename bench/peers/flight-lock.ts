/** Owns the peer that locks the flight's row: whoever sells a seat of a flight waits until everybody before has committed. */

import { databasePeer } from "./database-peer.ts";
import type { PeerKind } from "./peer.ts";
import { holdInTwoTrips } from "./two-trips.ts";

const LOCK = "select id from flight where id = ? for update";

export const flightLock: PeerKind = {
  title: "flight row lock (SELECT … FOR UPDATE)",
  isDurable: true,
  needsRedis: false,
  needsSeatRows: false,
  pool: 4,
  open(options) {
    return databasePeer(options, (link, request) => holdInTwoTrips(link, request, [[LOCK, [request.flightId]]]));
  },
};

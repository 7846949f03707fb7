/** Owns the peer that locks nothing: it inserts the claims, and the primary key says whether they were free. */

import { databasePeer } from "./database-peer.ts";
import type { PeerKind } from "./peer.ts";
import { holdInTwoTrips } from "./two-trips.ts";

export const optimistic: PeerKind = {
  title: "optimistic insert",
  isDurable: true,
  needsRedis: false,
  needsSeatRows: false,
  pool: 16,
  open: (options) => databasePeer(options, (link, request) => holdInTwoTrips(link, request, [])),
};

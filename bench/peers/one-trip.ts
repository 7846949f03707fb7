/** Owns the peer that locks nothing and asks the database once: optimistic inserts and the commit in one procedure. */

import { databasePeer } from "./database-peer.ts";
import type { PeerKind } from "./peer.ts";
import { HOLD_SEATS, holdByProcedure, makeProcedures } from "./procedures.ts";

export const oneTrip: PeerKind = {
  title: "optimistic insert, a single round trip",
  isDurable: true,
  needsRedis: false,
  needsSeatRows: false,
  pool: 16,
  async open(options) {
    await makeProcedures(options.database, HOLD_SEATS);
    return await databasePeer(options, holdByProcedure(HOLD_SEATS));
  },
};

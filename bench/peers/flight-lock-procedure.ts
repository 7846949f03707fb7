/** Owns the peer that locks the flight's row within a stored procedure: nobody waits for the trips of another. */

import { databasePeer } from "./database-peer.ts";
import type { PeerKind } from "./peer.ts";
import { HOLD_SEATS_OF_LOCKED_FLIGHT, holdByProcedure, makeProcedures } from "./procedures.ts";

export const flightLockProcedure: PeerKind = {
  title: "flight row lock, as a stored procedure",
  isDurable: true,
  needsRedis: false,
  needsSeatRows: false,
  pool: 4,
  async open(options) {
    await makeProcedures(options.database, HOLD_SEATS_OF_LOCKED_FLIGHT);
    return await databasePeer(options, holdByProcedure(HOLD_SEATS_OF_LOCKED_FLIGHT));
  },
};

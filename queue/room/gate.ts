/** Owns the gate in front of reservations: a room that is on lets nobody through without a pass of this member, flight and epoch. */

import type { Clock } from "../../actors/clock.ts";
import type { FlightId, MemberId } from "../../actors/domain/ids.ts";
import { OperationalError } from "../../actors/errors.ts";
import type { RoomState } from "./room.ts";
import type { RoomTokens } from "./room-tokens.ts";
import type { Rooms } from "./rooms.ts";
import type { Admission, AdmissionReason, WaitingRoom } from "./waiting-room.ts";

export interface GateServices {
  readonly rooms: Rooms;
  readonly tokens: RoomTokens;
  readonly clock: Clock;
}

const ADMITTED: Admission = { admitted: true };

/** Decides from memory alone, so that it goes on while the store is away: then it knows those who lost their pass up to that moment. */
export class Gate implements WaitingRoom {
  readonly #services: GateServices;

  constructor(services: GateServices) {
    this.#services = services;
  }

  state(flightId: FlightId): RoomState {
    const { rooms, clock } = this.#services;
    return rooms.get(flightId)?.state(clock.nowMs()) ?? "off";
  }

  /** @throws OperationalError UNAVAILABLE for a flight whose room may have been turned on without a word of it coming here */
  admits(flightId: FlightId, member: MemberId, pass: string | null): Admission {
    const { rooms } = this.#services;
    const known = rooms.get(flightId);
    if (known === null || known.room.mode === "off") {
      if (rooms.isBlind)
        throw new OperationalError("UNAVAILABLE", "Whether the flight has a waiting room can't be told now.");
      return ADMITTED;
    }
    const reason = this.#why(flightId, member, pass);
    return reason === null ? ADMITTED : { admitted: false, reason };
  }

  #why(flightId: FlightId, member: MemberId, pass: string | null): AdmissionReason | null {
    const { rooms, tokens, clock } = this.#services;
    if (pass === null) return "missing";
    const claims = tokens.readPass(pass);
    if (claims === null) return "invalid";
    if (claims.room !== flightId) return "wrong-flight";
    if (claims.member !== member) return "wrong-member";
    const known = rooms.get(flightId);
    if (known?.room.epoch !== claims.epoch) return "old-epoch";
    // Nobody buys in a sale that was closed, whatever they were given before.
    if (known.room.mode === "closed" || known.isRevoked(claims.seq)) return "revoked";
    return claims.expiresAtMs <= clock.nowMs() ? "expired" : null;
  }
}

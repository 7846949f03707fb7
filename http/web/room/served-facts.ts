/** Owns what the server itself knows of a member's place, for pages whose script has not run yet or never will. */

import type { Clock } from "../../../actors/clock.ts";
import type { FlightId, MemberId } from "../../../actors/domain/ids.ts";
import type { WaitingRooms } from "../../../queue/room/open-rooms.ts";
import type { NotYet } from "../../../queue/room/room-door.ts";
import type { StatusBoard } from "../../room/status-board.ts";
import { lineStage, NOTHING_KNOWN, publicFacts, type RoomFacts, type RoomStatus } from "./facts.ts";

export interface ServedRoomServices {
  readonly waitingRooms: WaitingRooms;
  readonly roomStatus: StatusBoard;
  readonly clock: Clock;
}

export interface Asking {
  readonly flightId: FlightId;
  /** Null for nobody. */
  readonly member: MemberId | null;
  /** Whether the browser has a session whose access token may only have run out: a script refreshes it. */
  readonly mayBeMember: boolean;
  /** What joining by the form has left; null without. */
  readonly ticket: string | null;
}

export async function servedFacts(services: ServedRoomServices, asking: Asking): Promise<RoomFacts> {
  const { flightId, member, mayBeMember, ticket } = asking;
  const nowMs = services.clock.nowMs();
  const status: RoomStatus = JSON.parse(services.roomStatus.textOf(flightId));
  const facts: RoomFacts = { ...NOTHING_KNOWN, ...publicFacts(status, nowMs), opensAt: null };
  if (status.state === "off" || status.state === "closed") return { ...facts, stage: status.state };
  if (member === null) return { ...facts, stage: mayBeMember ? "joining" : "log-in" };
  if (ticket === null) return facts;
  try {
    const entering = await services.waitingRooms.door.enter(flightId, member, ticket);
    switch (entering.kind) {
      case "pass":
        return { ...facts, stage: "turn", passEndsInMs: Math.max(0, entering.expiresAtMs - nowMs) };
      case "over":
        return { ...facts, stage: "expired" };
      case "not-yet":
        return { ...facts, ...standing(entering, status), isReturned: true };
      case "bad-ticket":
        return facts;
      default:
        return { ...facts, stage: entering.kind };
    }
  } catch {
    return { ...facts, trouble: "unavailable" };
  }
}

function standing({ reason, position, estimate }: NotYet, status: RoomStatus): Partial<RoomFacts> {
  const place = { place: position, wait: estimate };
  if (status.state === "prequeue") return { stage: "prequeue" };
  return reason === "AT_DOOR" ? { ...place, stage: "door" } : { ...place, stage: lineStage(status) };
}

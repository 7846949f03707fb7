/** Owns an operator's view of a waiting room, and its changes. */

import { answerOf, api, inPath } from "../../browser/api.ts";

export type WorkDemand = "off" | "on" | "auto";

export interface RoomSettings {
  readonly admitPerMinute: number;
  /** Null: as many as the seats left suggest. */
  readonly maxActive: number | null;
  readonly passTtlMs: number;
  readonly proofOfWork: WorkDemand;
}

export interface RoomChange extends Partial<RoomSettings> {
  readonly mode: "off" | "on" | "paused" | "closed";
  /** ISO 8601. */
  readonly opensAt?: string;
}

/** One of the pacer's decisions. */
export interface PaceDecision {
  readonly at: string;
  readonly reason: string;
  readonly called: number;
  readonly admitted?: number;
  readonly ratePerMinute?: number;
}

export interface RoomDetails {
  readonly settings: RoomSettings;
  /** Passes that are valid, and people at the door. */
  readonly active: number;
  readonly atDoor: number;
  /** The latest first. */
  readonly decisions: readonly PaceDecision[];
}

const DECISIONS_SHOWN = 12;

/** @throws Refusal; ROOM_OFF for a flight that never had a room */
export async function roomDetails(flightId: string, signal: AbortSignal): Promise<RoomDetails> {
  const { room, active, atDoor, journal } = await answerOf(
    api.admin.flights({ id: inPath(flightId) })["waiting-room"].get({ fetch: { signal } }),
  );
  const decisions: readonly PaceDecision[] = journal.slice(0, DECISIONS_SHOWN);
  return { settings: room, active, atDoor, decisions };
}

/** @throws Refusal */
export async function changeRoom(flightId: string, change: RoomChange) {
  return await answerOf(api.admin.flights({ id: inPath(flightId) })["waiting-room"].put(change));
}

/** Owns what a flight's waiting room is set to, how an operator changes it, and the state that follows from it. */

import type { FlightId } from "../../actors/domain/ids.ts";
import { seedHashOf } from "./draw/draw.ts";
import { EMPTY_LINE } from "./draw/freeze.ts";
import { type Hash, hexOf } from "./draw/hash.ts";
import type { Gap } from "./room-store.ts";

export type RoomMode = "off" | "on" | "paused" | "closed";

/** What the public is told. */
export type RoomState = "off" | "prequeue" | "open" | "sold_out" | "paused" | "closed";

/** When joining costs a proof of work: never, always, or while more people join than the room expects. */
export type WorkDemand = "off" | "on" | "auto";

export interface RoomSettings {
  /** Passes that may be valid at once; null: as many as the seats left suggest. */
  readonly maxActive: number | null;
  /** Passes in any 60 seconds. */
  readonly admitPerMinute: number;
  readonly passTtlMs: number;
  /** Accounts that are younger can't join; null: all can. */
  readonly registeredBeforeMs: number | null;
  readonly proofOfWork: WorkDemand;
}

/** Nobody's pass is valid for longer. */
export const PASS_TTL_MS_MAX = 86_400_000;

const DEFAULT_ROOM_SETTINGS: RoomSettings = {
  maxActive: null,
  admitPerMinute: 600,
  passTtlMs: 600_000,
  registeredBeforeMs: null,
  proofOfWork: "off",
};

/** The order of those who came before the opening, as far as it is decided. */
export interface RoomDraw {
  /** Secret until the sale opens. */
  readonly seed: Uint8Array;
  /** What the beacon's value is looked up by, promised when the room was made; null: none was. */
  readonly beaconName: string | null;
  /** The line as it was frozen; null before. */
  readonly frozen: { readonly n: number; readonly root: Hash } | null;
  /** When all that the order hangs on was known; null before. */
  readonly drawnAtMs: number | null;
  /** Null: none was named, or it did not come in time. */
  readonly beaconValue: Uint8Array | null;
}

/** How far a room has come, as it was written down last: what is left of it when the store loses everything. */
export interface RoomCheckpoint {
  readonly admitted: number;
  readonly seqHigh: number;
  /** No place above it was given out, since the store asks for more beforehand. */
  readonly seqCeiling: number;
  /** What losses of the store have skipped. */
  readonly gaps: readonly Gap[];
  readonly atMs: number;
}

/** A flight's room as the database has it. All times in milliseconds since the Unix epoch. */
export interface Room {
  readonly flightId: FlightId;
  /** Rises each time that the room is turned on after `off` or `closed`; tickets and passes of another one don't count. */
  readonly epoch: number;
  readonly mode: RoomMode;
  readonly opensAtMs: number;
  readonly settings: RoomSettings;
  readonly draw: RoomDraw;
  readonly checkpoint: RoomCheckpoint;
  /** When mode, settings or draw changed last. Each change of a room is later than the one before. */
  readonly changedAtMs: number;
}

/** What an operator asks for. What is left out stays as it is. */
export interface RoomChange extends Partial<RoomSettings> {
  readonly mode: RoomMode;
  readonly opensAtMs?: number;
}

/** What a new epoch is made of. */
export interface NewEpoch {
  readonly nowMs: number;
  readonly seed: () => Uint8Array;
  /** Names the first randomness that comes out at that time or later; null when there is no beacon. */
  readonly beaconNameAt: (atMs: number) => string | null;
}

export type RoomChanging =
  | { readonly ok: true; readonly room: Room }
  | { readonly ok: false; readonly field: string; readonly why: string };

/** How long before the opening the line is frozen, in milliseconds: the draw must be ready when the sale opens. */
const FREEZE_LEAD_MS = 2_000;

/** With a beacon it is earlier: the line must stand before the randomness comes out, and that before the opening. */
const BEACON_FREEZE_LEAD_MS = 12_000;
export const BEACON_LEAD_MS = 6_000;

/** For so long before the freeze the opening stands, in milliseconds: clocks differ, and a change takes a moment to be heard. */
const FIRM_LEAD_MS = 1_000;

/** How long an opening waits for a beacon that is late, in milliseconds. Then the proof says that it trusts the operator. */
export const BEACON_LATENESS_MS_MAX = 5_000;

/** The room after an operator's change, or the field that can't be. */
export function changeRoom(flightId: FlightId, known: Room | null, change: RoomChange, given: NewEpoch): RoomChanging {
  const current = known ?? neverOn(flightId);
  const { mode, opensAtMs, ...wanted } = change;
  const settings = { ...current.settings, ...wanted };
  // Processes go by the latest change that they know: this one comes after it, whatever the clocks of those who made them say.
  const changedAtMs = Math.max(given.nowMs, current.changedAtMs + 1);
  if (isOver(current) && mode === "paused")
    return { ok: false, field: "mode", why: "is paused, but the room is not on" };
  if (isOver(current) && mode === "on")
    return { ok: true, room: { ...beginEpoch(current, settings, opensAtMs, given), changedAtMs } };
  if (opensAtMs !== undefined && opensAtMs !== current.opensAtMs) {
    if (isOver(current)) return { ok: false, field: "opensAt", why: "is for a room that is on" };
    // A line that is frozen stays so: whoever gathered on until a later opening would come after it, undrawn.
    const isFreezing = given.nowMs >= freezeAtMs(current, current.checkpoint.seqHigh) - FIRM_LEAD_MS;
    if (current.draw.frozen !== null || isFreezing)
      return { ok: false, field: "opensAt", why: "can't change once the line is frozen, or about to be" };
    // Whoever has gathered is drawn for, however soon it opens now.
    const draw = { ...current.draw, beaconName: beaconNameOf(opensAtMs, given) };
    return {
      ok: true,
      room: { ...current, mode, settings, opensAtMs, draw, changedAtMs },
    };
  }
  return { ok: true, room: { ...current, mode, settings, changedAtMs } };
}

/** Whether its epoch has ended: turned on again it begins another one. */
export function isOver({ mode }: Room): boolean {
  return mode === "off" || mode === "closed";
}

function neverOn(flightId: FlightId): Room {
  return {
    flightId,
    epoch: 0,
    mode: "off",
    opensAtMs: 0,
    settings: DEFAULT_ROOM_SETTINGS,
    draw: { seed: new Uint8Array(32), beaconName: null, frozen: null, drawnAtMs: null, beaconValue: null },
    checkpoint: { admitted: 0, seqHigh: 0, seqCeiling: 0, gaps: [], atMs: 0 },
    changedAtMs: 0,
  };
}

function beginEpoch(
  current: Room,
  settings: RoomSettings,
  opensAtMs: number | undefined,
  given: NewEpoch,
): Omit<Room, "changedAtMs"> {
  const { nowMs } = given;
  const opensAt = opensAtMs ?? nowMs;
  // Without a time before the opening there is nobody to draw for.
  const decided =
    opensAt > nowMs ? { frozen: null, drawnAtMs: null } : { frozen: { n: 0, root: EMPTY_LINE.root }, drawnAtMs: nowMs };
  return {
    flightId: current.flightId,
    epoch: current.epoch + 1,
    mode: "on",
    settings,
    opensAtMs: opensAt,
    draw: { seed: given.seed(), beaconName: beaconNameOf(opensAt, given), beaconValue: null, ...decided },
    checkpoint: { admitted: 0, seqHigh: 0, seqCeiling: 0, gaps: [], atMs: nowMs },
  };
}

/** Null where it is too late to name one, or there is none. */
function beaconNameOf(opensAtMs: number, { nowMs, beaconNameAt }: NewEpoch): string | null {
  return opensAtMs > nowMs ? beaconNameAt(opensAtMs - BEACON_LEAD_MS) : null;
}

/** When the line is to be frozen. @param joined a long line takes longer to hash */
export function freezeAtMs({ opensAtMs, draw }: Room, joined: number): number {
  const leadMs = draw.beaconName === null ? FREEZE_LEAD_MS : BEACON_FREEZE_LEAD_MS;
  return opensAtMs - leadMs - joined * FREEZE_MS_PER_PLACE;
}

/** Measured: reading a million places from the store and hashing them takes under five seconds. */
const FREEZE_MS_PER_PLACE = 0.005;

/** Whether the first may be let in: the time has come, and their order is known. */
export function isOpening({ opensAtMs, draw }: Room, nowMs: number): boolean {
  return nowMs >= opensAtMs && draw.drawnAtMs !== null;
}

/** @param seatsLeft null while nobody knows */
export function stateOf(room: Room | null, seatsLeft: number | null, nowMs: number): RoomState {
  if (room === null || room.mode === "off") return "off";
  if (room.mode !== "on") return room.mode;
  if (!isOpening(room, nowMs)) return "prequeue";
  return seatsLeft === 0 ? "sold_out" : "open";
}

/** Lower-case hexadecimal; public from the moment the room is made. */
export function seedHashText({ draw }: Room): string {
  return hexOf(seedHashOf(draw.seed));
}

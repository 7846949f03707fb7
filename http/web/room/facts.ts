/** Owns what the waiting room's page knows and shows, for the server that writes it first and for the script that keeps it true. */

import type { Language } from "../language.ts";
import type { RoomWords } from "./words.ts";

/** `GET …/waiting-room`: the same answer for everyone. */
export interface RoomStatus {
  readonly state: "off" | "prequeue" | "open" | "sold_out" | "paused" | "closed";
  readonly epoch: number;
  readonly admitted: number;
  readonly joined: number;
  readonly waiting: number;
  readonly ratePerMinute: number;
  /** Null while nobody knows. */
  readonly seatsLeft: number | null;
  readonly opensAt: string | null;
  readonly seedHash: string | null;
  readonly pollAfterMs: number;
  /** The line as it was frozen before the opening. */
  readonly frozen: { readonly n: number } | null;
}

export type Stage =
  | "joining"
  | "log-in"
  | "prequeue"
  | "line"
  | "door"
  /** Admitted while nobody was looking. */
  | "call"
  /** Has a pass. */
  | "turn"
  | "expired"
  | "refused"
  | "unknown"
  | "sold-out"
  | "paused"
  | "closed"
  | "off";

export interface WaitRange {
  readonly p50: number;
  readonly p90: number;
}

/** What changes while the page is open. */
export interface RoomFacts {
  readonly stage: Stage;
  /** 1 is the next to be let in. Null while it isn't known. */
  readonly place: number | null;
  /** How many of the line were let in. */
  readonly admitted: number;
  readonly joined: number | null;
  /** Seconds. */
  readonly wait: WaitRange | null;
  readonly seatsLeft: number | null;
  /** Milliseconds; the ISO time is what it counts down to. */
  readonly opensInMs: number | null;
  readonly opensAt: string | null;
  readonly seedHash: string | null;
  /** Milliseconds. */
  readonly passEndsInMs: number | null;
  /** The place is one that the member had. */
  readonly isReturned: boolean;
  /** The place is a new one, because the room was opened anew. */
  readonly isAnew: boolean;
  readonly isWorking: boolean;
  readonly trouble: "lost" | "unavailable" | null;
  /** The place in the draw, for who was drawn for. */
  readonly drawnSeq: number | null;
  /** Joining takes a script now. */
  readonly needsScripts: boolean;
  /** Null where no script runs, or the browser makes no sound. */
  readonly sound: "on" | "off" | null;
}

export const NOTHING_KNOWN: RoomFacts = {
  stage: "joining",
  place: null,
  admitted: 0,
  joined: null,
  wait: null,
  seatsLeft: null,
  opensInMs: null,
  opensAt: null,
  seedHash: null,
  passEndsInMs: null,
  isReturned: false,
  isAnew: false,
  isWorking: false,
  trouble: null,
  drawnSeq: null,
  needsScripts: false,
  sound: null,
};

/** What the page is sent with, beside its HTML. */
export interface RoomPage {
  readonly flightId: string;
  readonly language: Language;
  readonly words: RoomWords;
  /** Where the admitted go on, and where those without a session begin. */
  readonly seatsPath: string;
  readonly logInPath: string;
  /** What the server has shown: it stands until something newer is known. */
  readonly stage: Stage;
}

/** Where the page's data stand in its document. */
export const PAGE_DATA_ID = "room";

/** What everybody is told, as it is shown. @param nowMs the server's time */
export function publicFacts(status: RoomStatus, nowMs: number) {
  const { joined, seatsLeft, opensAt, seedHash, admitted } = status;
  const opensAtMs = Date.parse(opensAt ?? "");
  return {
    joined,
    seatsLeft,
    opensAt,
    seedHash,
    admitted,
    opensInMs: Number.isNaN(opensAtMs) ? null : opensAtMs - nowMs,
  };
}

/** The stage of somebody in the line whose turn it isn't yet. */
export function lineStage({ state }: RoomStatus): Stage {
  if (state === "paused") return "paused";
  return state === "sold_out" ? "sold-out" : "line";
}

/** How long a page without scripts waits before it reloads itself, in seconds. */
export const RELOAD_S = 10;

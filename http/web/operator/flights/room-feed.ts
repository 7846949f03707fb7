/** Owns what operators watch of a flight's room: how it is now, how the line went in the latest minutes, and what the pacer decided. */

import { useEffect, useState } from "preact/hooks";
import { Refusal } from "../../browser/api.ts";
import { every, nowMs } from "../../browser/device.ts";
import type { RoomStatus } from "../../room/facts.ts";
import { type RoomDetails, roomDetails } from "./change-room.ts";

/** Everybody gets the same answer, so that asking costs the server as good as nothing; the details are for operators alone. */
const LOOK_MS = 1_000;
const DETAILS_MS = 4_000;
const KEPT_MAX = 300;

export interface RoomMoment {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly waiting: number;
  readonly seatsLeft: number | null;
}

export interface RoomFeed {
  readonly status: RoomStatus | null;
  /** Null where there was never a room. */
  readonly details: RoomDetails | null;
  /** The oldest first. */
  readonly moments: readonly RoomMoment[];
  /** Looks now. */
  readonly look: () => void;
}

export function useRoom(flightId: string): RoomFeed {
  const [status, setStatus] = useState<RoomStatus | null>(null);
  const [details, setDetails] = useState<RoomDetails | null>(null);
  const [moments, setMoments] = useState<readonly RoomMoment[]>([]);

  const lookAtStatus = async (): Promise<void> => {
    const path = `/api/v1/flights/${encodeURIComponent(flightId)}/waiting-room`;
    const answer = await fetch(path, { cache: "no-store" }).catch(() => null);
    if (answer === null || !answer.ok) return;
    const heard: RoomStatus = await answer.json();
    setStatus(heard);
    const moment = { at: nowMs() / 1_000, waiting: heard.waiting, seatsLeft: heard.seatsLeft };
    setMoments((before) => [...before.slice(1 - KEPT_MAX), moment]);
  };
  const lookAtDetails = async (): Promise<void> => {
    try {
      setDetails(await roomDetails(flightId));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  };
  const look = (): void => {
    void lookAtStatus();
    void lookAtDetails();
  };

  useEffect(() => {
    look();
    const stops = [every(LOOK_MS, () => void lookAtStatus()), every(DETAILS_MS, () => void lookAtDetails())];
    return () => {
      for (const stop of stops) stop();
    };
  }, [flightId]);
  return { status, details, moments, look };
}

/** Owns the status of a flight's room as operators watch it: the latest, and how the line went in the latest minutes. */

import { useEffect, useState } from "preact/hooks";
import { every, nowMs } from "../../browser/device.ts";
import type { RoomStatus } from "../../room/facts.ts";

const LOOK_MS = 1_000;
const KEPT_MAX = 300;

export interface RoomMoment {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly waiting: number;
  readonly seatsLeft: number | null;
}

export interface RoomFeed {
  readonly status: RoomStatus | null;
  /** The oldest first. */
  readonly moments: readonly RoomMoment[];
  /** Looks now. */
  readonly look: () => void;
}

/** Asks each second, which costs the server as good as nothing: everybody gets the same answer. */
export function useRoom(flightId: string): RoomFeed {
  const [status, setStatus] = useState<RoomStatus | null>(null);
  const [moments, setMoments] = useState<readonly RoomMoment[]>([]);
  const look = async (): Promise<void> => {
    const answer = await fetch(`/api/v1/flights/${encodeURIComponent(flightId)}/waiting-room`, {
      cache: "no-store",
    }).catch(() => null);
    if (answer === null || !answer.ok) return;
    const heard: RoomStatus = await answer.json();
    setStatus(heard);
    const waiting = Math.max(0, heard.joined - heard.admitted);
    setMoments((before) => [
      ...before.slice(1 - KEPT_MAX),
      { at: nowMs() / 1_000, waiting, seatsLeft: heard.seatsLeft },
    ]);
  };
  useEffect(() => {
    void look();
    return every(LOOK_MS, () => void look());
  }, [flightId]);
  return { status, moments, look: () => void look() };
}

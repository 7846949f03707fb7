/** Owns what operators watch of a flight's room: how it is now, how the line went in the latest minutes, and what the pacer decided. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Refusal } from "../../browser/api.ts";
import { every, nowMs } from "../../browser/device.ts";
import { send } from "../../browser/send.ts";
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

  const looks = useRef(() => {});

  useEffect(() => {
    const leaving = new AbortController();
    let hadRoom = false;
    const lookAtDetails = oneAtATime(async () => {
      if (hadRoom) setDetails(await roomDetails(flightId, leaving.signal));
    }, leaving.signal);
    const lookAtStatus = oneAtATime(async () => {
      const path = `/api/v1/flights/${encodeURIComponent(flightId)}/waiting-room`;
      const answer = await send(path, { cache: "no-store", signal: leaving.signal });
      if (!answer.ok) return;
      const heard: RoomStatus = await answer.json();
      setStatus(heard);
      const moment = { at: nowMs() / 1_000, waiting: heard.waiting, seatsLeft: heard.seatsLeft };
      setMoments((before) => [...before.slice(1 - KEPT_MAX), moment]);
      // Of a flight that never had a room there are no details to ask for.
      const isNew = !hadRoom && heard.epoch > 0;
      hadRoom = heard.epoch > 0;
      if (isNew) lookAtDetails();
    }, leaving.signal);
    looks.current = () => {
      lookAtStatus();
      lookAtDetails();
    };
    looks.current();
    const stops = [every(LOOK_MS, lookAtStatus), every(DETAILS_MS, lookAtDetails)];
    return () => {
      for (const stop of stops) stop();
      leaving.abort();
    };
  }, [flightId]);
  return { status, details, moments, look: () => looks.current() };
}

/** What is asked again and again isn't asked once more while it is waited for, which without a connection is long. */
function oneAtATime(look: () => Promise<void>, leaving: AbortSignal): () => void {
  let isLooking = false;
  return () => {
    if (isLooking) return;
    isLooking = true;
    look()
      .catch((error: unknown) => {
        if (!leaving.aborted && !(error instanceof Refusal)) throw error;
      })
      .finally(() => {
        isLooking = false;
      });
  };
}

/** Owns hearing the room's status: by its stream while there is one, and otherwise by asking as often as the server wants it. */

import { after, jitter } from "../browser/device.ts";
import { followStream } from "../browser/event-stream.ts";
import type { RoomDesk } from "./desk.ts";
import type { RoomStatus } from "./facts.ts";

export interface StatusLineOptions {
  readonly desk: RoomDesk;
  readonly hear: (status: RoomStatus) => void;
  /** Whether nothing comes by any way. */
  readonly lost: (isLost: boolean) => void;
}

const POLL_MS = 3_000;

/** Runs as long as the page. */
export function followStatus({ desk, hear, lost }: StatusLineOptions): void {
  let isLive = false;
  let pollAfterMs = POLL_MS;

  const heard = (status: RoomStatus): void => {
    pollAfterMs = status.pollAfterMs;
    lost(false);
    hear(status);
  };

  const poll = async (): Promise<void> => {
    if (!isLive) {
      const asked = await desk.status();
      if (asked.ok) heard(asked.body);
      else if (!isLive) lost(true);
    }
    after(pollAfterMs * (0.5 + jitter()), () => void poll());
  };

  const stream = new AbortController();
  void followStream(
    {
      url: desk.streamPath,
      event: (_name, data) => {
        if (isStatus(data)) heard(data);
      },
      live: (live) => {
        isLive = live;
      },
      refused: () => {
        isLive = false;
      },
    },
    stream.signal,
  );
  void poll();
}

/** Pings and good-byes are none. */
function isStatus(data: unknown): data is RoomStatus {
  return typeof data === "object" && data !== null && "admitted" in data && "state" in data;
}

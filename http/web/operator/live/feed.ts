/** Owns what the live view knows: the latest two minutes, second by second, as they come. */

import { signal } from "@preact/signals";
import type { BoardView } from "../../../admin/stage-board.ts";
import { answerOf, api, Refusal } from "../../browser/api.ts";
import { every, nowMs } from "../../browser/device.ts";
import { followStream } from "../../browser/event-stream.ts";

const SECONDS_MAX = 120;

/** The oldest first. */
export const seconds = signal<readonly BoardView[]>([]);

export const feedRefusal = signal<Refusal | null>(null);

/** Since when nothing came, in seconds; 0 while it comes. */
export const silentSeconds = signal(0);

/** Follows until the signal is aborted. */
export function followStages(leaving: AbortSignal): void {
  let heardAtMs = nowMs();
  const heard = (view: BoardView): void => {
    heardAtMs = nowMs();
    silentSeconds.value = 0;
    seconds.value = [...seconds.value.filter(({ at }) => at !== view.at).slice(1 - SECONDS_MAX), view];
  };
  // Asking the list refreshes the session where the stream alone would only be refused.
  const load = (): void => {
    answerOf(api.admin.stages.get()).then(
      ({ items }) => {
        feedRefusal.value = null;
        seconds.value = (items as readonly BoardView[]).slice(-SECONDS_MAX);
      },
      (error: unknown) => {
        if (error instanceof Refusal) feedRefusal.value = error;
      },
    );
  };
  load();
  let wasLive = false;
  void followStream(
    {
      url: "/api/v1/admin/stages/stream",
      event: (name, data) => {
        if (name === "stages") heard(data as BoardView);
      },
      live: (isLive) => {
        if (wasLive && !isLive) load();
        wasLive = isLive;
      },
      refused: () => load(),
    },
    leaving,
  );
  const stop = every(1_000, () => {
    const silentMs = nowMs() - heardAtMs;
    silentSeconds.value = silentMs > 4_000 ? Math.round(silentMs / 1_000) : 0;
  });
  leaving.addEventListener("abort", stop);
}

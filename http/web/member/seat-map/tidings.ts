/** Owns what is said of others' seats to those who hear the map: how many went and how many are left, at most every half minute. */

import { useEffect } from "preact/hooks";
import { after, type Stop } from "../../browser/device.ts";
import { say } from "../state/announce.ts";
import { words } from "../state/words.ts";
import type { SeatStore } from "./seat-store.ts";

const PERIOD_MS = 30_000;

export function useTidings(store: SeatStore): void {
  useEffect(() => {
    let taken = 0;
    let stop: Stop | null = null;
    let wasLost = false;
    const tell = (): void => {
      stop = null;
      if (taken > 0) say(words.seats.changes(taken, store.free));
      taken = 0;
    };
    const unlisten = store.onChange((changes) => {
      taken += changes.filter(({ before, after: now }) => before === "free" && now !== "free").length;
      stop ??= after(PERIOD_MS, tell);
    });
    const unwatch = store.liveness.subscribe((state) => {
      if (state === "live" && wasLost) say(words.seats.reconnected);
      wasLost = state === "lost";
    });
    return () => {
      stop?.();
      unlisten();
      unwatch();
    };
  }, [store]);
}

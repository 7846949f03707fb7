/**
 * Owns the time that is left of a hold. It is seen each second and heard seldom: when five minutes and when one minute are left, and the last
 * minute stands there in words as well (WCAG 2.2, 2.2.1).
 */

import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { every } from "../../browser/device.ts";
import { serverNowMs } from "../../browser/server-time.ts";
import { formatCountdown, formatMoment } from "../../i18n/format.ts";
import { say } from "../state/announce.ts";
import { language, words } from "../state/words.ts";
import { Note } from "./note.tsx";

const WARN_S = 60;
const SAID_S = 300;
const TICK_MS = 250;

export interface CountdownProps {
  /** ISO 8601. */
  readonly until: string;
  /** The whole time, in seconds, for the picture of it. */
  readonly wholeS: number;
  readonly onEnd: () => void;
}

export function Countdown({ until, wholeS, onEnd }: CountdownProps) {
  const left = useSignal(secondsUntil(until));
  const isLast = useComputed(() => left.value <= WARN_S);
  useEffect(() => {
    left.value = secondsUntil(until);
    return every(TICK_MS, () => {
      const now = secondsUntil(until);
      if (now === left.value) return;
      if (now <= SAID_S && left.value > SAID_S) say(words.hold.minutes(SAID_S / 60));
      left.value = now;
      if (now === 0) onEnd();
    });
  }, [until]);
  const m = words.hold;
  const share = Math.max(0, Math.min(1, left.value / wholeS));
  return (
    <div class="stack">
      <div class={isLast.value ? "countdown last" : "countdown"}>
        <svg viewBox="0 0 64 64" aria-hidden="true" focusable="false">
          <circle cx="32" cy="32" r="28" class="whole" />
          <circle cx="32" cy="32" r="28" class="rest" pathLength="100" stroke-dasharray={`${share * 100} 100`} />
        </svg>
        <p>
          <span class="small soft">{m.left}</span>
          <span class="clock" role="timer" aria-live="off">
            {formatCountdown(left.value)}
          </span>
          <span class="small soft">{m.until(formatMoment(language, until))}</span>
        </p>
      </div>
      <div role="alert">
        {isLast.value && left.value > 0 && (
          <Note kind="warn">
            <p>{m.lastMinute}</p>
          </Note>
        )}
      </div>
    </div>
  );
}

function secondsUntil(until: string): number {
  return Math.max(0, Math.ceil((Date.parse(until) - serverNowMs()) / 1000));
}

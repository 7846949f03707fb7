/** Owns the switches of a waiting room. What can't be taken back is asked for twice. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { RoomStatus } from "../../room/facts.ts";
import { words } from "../words.ts";
import type { RoomChange } from "./change-room.ts";

interface Controls {
  readonly isBusy: boolean;
  readonly change: (wanted: RoomChange) => Promise<void>;
}

export interface SwitchesProps extends Controls {
  readonly state: RoomStatus["state"];
}

export function RoomSwitches({ state, isBusy, change }: SwitchesProps) {
  const m = words.room;
  const [asking, setAsking] = useState<"closed" | "off" | null>(null);
  const isOut = state === "off" || state === "closed";
  if (asking !== null) {
    return (
      <Question
        text={asking === "closed" ? m.confirmClose : m.confirmOff}
        onAnswer={(isSure) => {
          setAsking(null);
          if (isSure) void change({ mode: asking });
        }}
      />
    );
  }
  return (
    <div class="cluster">
      {isOut && <Switch label={m.open} kind="act" isBusy={isBusy} act={() => void change({ mode: "on" })} />}
      {!isOut && state !== "paused" && (
        <Switch label={m.pause} isBusy={isBusy} act={() => void change({ mode: "paused" })} />
      )}
      {state === "paused" && (
        <Switch label={m.resume} kind="act" isBusy={isBusy} act={() => void change({ mode: "on" })} />
      )}
      {!isOut && <Switch label={m.close} kind="danger" isBusy={isBusy} act={() => setAsking("closed")} />}
      {state !== "off" && <Switch label={m.off} kind="danger" isBusy={isBusy} act={() => setAsking("off")} />}
    </div>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly kind?: "act" | "danger";
  readonly isBusy: boolean;
  readonly act: () => void;
}

function Switch({ label, kind, isBusy, act }: SwitchProps) {
  return (
    <button type="button" class={`button ${kind ?? ""}`} aria-disabled={isBusy} onClick={() => isBusy || act()}>
      {label}
    </button>
  );
}

/** Takes the focus, since it answers what was just pressed. */
function Question({ text, onAnswer }: { readonly text: string; readonly onAnswer: (isSure: boolean) => void }) {
  const m = words.room;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div class="note warn question" role="group" aria-label={text} tabIndex={-1} ref={box}>
      <p>{text}</p>
      <div class="cluster">
        <button type="button" class="button danger" onClick={() => onAnswer(true)}>
          {m.yes}
        </button>
        <button type="button" class="button" onClick={() => onAnswer(false)}>
          {m.no}
        </button>
      </div>
    </div>
  );
}

/** Opens at a time to come, with a pre-queue until then. */
export function RoomOpening({ isBusy, change }: Controls) {
  const m = words.room;
  return (
    <form
      class="inline-form"
      onSubmit={(event) => {
        event.preventDefault();
        const at = String(new FormData(event.currentTarget).get("opensAt") ?? "");
        if (at !== "" && !isBusy) void change({ mode: "on", opensAt: new Date(at).toISOString() });
      }}
    >
      <div class="field">
        <label for="opensAt">{m.openAt}</label>
        <input class="input" id="opensAt" name="opensAt" type="datetime-local" required />
      </div>
      <button type="submit" class="button">
        {m.prequeue}
      </button>
    </form>
  );
}

const PER_MINUTE_MAX = 100_000;

/** How fast people are let in, at most. */
export function RoomPace({ state, isBusy, change }: SwitchesProps) {
  const m = words.room;
  return (
    <form
      class="inline-form"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        const perMinute = Number(form.get("admitPerMinute"));
        const active = Number(form.get("maxActive"));
        if (isBusy || (perMinute === 0 && active === 0)) return;
        void change({
          mode: state === "paused" ? "paused" : "on",
          ...(perMinute > 0 ? { admitPerMinute: perMinute } : {}),
          ...(active > 0 ? { maxActive: active } : {}),
        });
      }}
    >
      <div class="field">
        <label for="admitPerMinute">{m.perMinute}</label>
        <input
          class="input"
          id="admitPerMinute"
          name="admitPerMinute"
          type="number"
          min={1}
          max={PER_MINUTE_MAX}
          inputMode="numeric"
        />
      </div>
      <div class="field">
        <label for="maxActive">{m.active}</label>
        <input
          class="input"
          id="maxActive"
          name="maxActive"
          type="number"
          min={1}
          max={PER_MINUTE_MAX}
          inputMode="numeric"
        />
      </div>
      <button type="submit" class="button">
        {m.save}
      </button>
    </form>
  );
}

/** Owns the switches of a waiting room. What can't be taken back is asked for twice. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { RoomStatus } from "../../room/facts.ts";
import { words } from "../words.ts";
import type { RoomChange, RoomSettings, WorkDemand } from "./change-room.ts";

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

export interface PaceProps extends SwitchesProps {
  readonly settings: RoomSettings;
}

const COUNT_MAX = 1_000_000;
const MINUTES_MAX = 60;
const MS_PER_MINUTE = 60_000;

/** How fast people are let in, at most, and how long a pass lasts. */
export function RoomPace({ state, settings, isBusy, change }: PaceProps) {
  const m = words.room;
  const set = (form: FormData): void => {
    const count = (name: string): number => Number(form.get(name));
    const active = String(form.get("maxActive") ?? "").trim();
    void change({
      mode: state === "paused" ? "paused" : "on",
      admitPerMinute: count("admitPerMinute"),
      maxActive: active === "" ? null : Number(active),
      passTtlMs: count("passMinutes") * MS_PER_MINUTE,
      proofOfWork: String(form.get("proofOfWork")) as WorkDemand,
    });
  };
  return (
    <form
      class="inline-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) set(new FormData(event.currentTarget));
      }}
    >
      <h3>{m.pace}</h3>
      <CountField
        name="admitPerMinute"
        label={m.perMinute}
        value={settings.admitPerMinute}
        max={COUNT_MAX}
        isRequired
      />
      <CountField
        name="maxActive"
        label={m.active}
        describedBy="active-hint"
        value={settings.maxActive}
        max={COUNT_MAX}
      />
      <CountField
        name="passMinutes"
        label={m.passMinutes}
        value={Math.max(1, Math.round(settings.passTtlMs / MS_PER_MINUTE))}
        max={MINUTES_MAX}
        isRequired
      />
      <div class="field">
        <label for="proofOfWork">{m.work}</label>
        <select class="input" id="proofOfWork" name="proofOfWork" defaultValue={settings.proofOfWork}>
          {(["off", "auto", "on"] as const).map((demand) => (
            <option key={demand} value={demand}>
              {m.workDemands[demand]}
            </option>
          ))}
        </select>
      </div>
      <button type="submit" class="button">
        {m.save}
      </button>
      <p class="hint" id="active-hint">
        {m.activeHint}
      </p>
    </form>
  );
}

interface CountFieldProps {
  readonly name: string;
  readonly label: string;
  readonly describedBy?: string;
  readonly value: number | null;
  readonly max: number;
  readonly isRequired?: boolean;
}

/** What is typed stays, whatever the room is set to meanwhile. */
function CountField({ name, label, describedBy, value, max, isRequired = false }: CountFieldProps) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        class="input"
        id={name}
        name={name}
        type="number"
        min={1}
        max={max}
        inputMode="numeric"
        defaultValue={value === null ? "" : String(value)}
        required={isRequired}
        aria-describedby={describedBy}
      />
    </div>
  );
}

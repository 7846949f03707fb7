/** Owns what a page tells its reader beside its content: what happened, and what to do. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Refusal } from "../../browser/api.ts";
import { problemTexts, words } from "../state/words.ts";
import { Icon, type IconName } from "./icon.tsx";

type Kind = "info" | "good" | "warn" | "bad";

const ICONS: Readonly<Record<Kind, IconName>> = { info: "info", good: "check", warn: "warn", bad: "warn" };

export interface NoteProps {
  readonly kind: Kind;
  readonly title?: string;
  readonly children?: ComponentChildren;
  /** `alert` is read out at once, `status` when the reader pauses. */
  readonly role?: "alert" | "status";
  /** Takes the focus when it appears: it answers what was just done. */
  readonly takesFocus?: boolean;
}

export function Note({ kind, title, children, role, takesFocus = false }: NoteProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (takesFocus) box.current?.focus();
  }, [takesFocus]);
  return (
    <div class={`note ${kind}`} ref={box} role={role} tabIndex={takesFocus ? -1 : undefined}>
      <Icon name={ICONS[kind]} />
      <div class="stack tight">
        {title !== undefined && <strong>{title}</strong>}
        {children}
      </div>
    </div>
  );
}

/** A code in the reader's language. */
export function problemText({ code, message }: Refusal): string {
  return problemTexts[code] ?? message;
}

/** `2: Date of birth` for `passengers[1].birthDate`; a field that pages don't have stays as it is. */
function fieldText(field: string): string {
  const [, index, name = field] = /^(?:passengers\[(\d+)\]\.?)?(\w*)$/.exec(field) ?? [];
  const label = words.fields[name === "" ? "passengers" : name] ?? field;
  return index === undefined ? label : `${Number(index) + 1}: ${label}`;
}

export interface RefusalNoteProps {
  readonly refusal: Refusal;
  readonly onRetry?: (() => void) | undefined;
  readonly takesFocus?: boolean;
  readonly children?: ComponentChildren;
}

export function RefusalNote({ refusal, onRetry, takesFocus = true, children }: RefusalNoteProps) {
  return (
    <Note kind="bad" role="alert" takesFocus={takesFocus}>
      <p>{problemText(refusal)}</p>
      {refusal.fields.length > 0 && <p>{refusal.fields.map(fieldText).join(", ")}</p>}
      {children}
      {onRetry !== undefined && (
        <p>
          <button type="button" class="button" onClick={onRetry}>
            {words.general.retry}
          </button>
        </p>
      )}
    </Note>
  );
}

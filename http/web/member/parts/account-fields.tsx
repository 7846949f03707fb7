/** Owns the fields of accounts: named and typed as password managers expect them. */

import { useSignal } from "@preact/signals";
import { words } from "../state/words.ts";

export interface AccountFieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly type: "text" | "email";
  readonly autocomplete: string;
  readonly value: string;
  readonly error: string | null;
  readonly onChange: (value: string) => void;
}

export function AccountField({ id, label, hint, type, autocomplete, value, error, onChange }: AccountFieldProps) {
  return (
    <div class="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={id}
        class="input"
        // The types of elements know one kind of field at a time.
        type={type as "text"}
        autocomplete={autocomplete}
        autocapitalize={type === "email" ? "none" : "words"}
        spellcheck={false}
        required
        value={value}
        aria-invalid={error !== null}
        aria-describedby={describedBy(id, hint, error)}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      <Below id={id} hint={hint} error={error} />
    </div>
  );
}

export interface PasswordFieldProps {
  readonly label: string;
  readonly autocomplete: "current-password" | "new-password";
  readonly value: string;
  readonly error: string | null;
  readonly hint: string | null;
  readonly onChange: (value: string) => void;
}

/** Pasting is fine, and what is typed can be looked at (WCAG 2.2, 3.3.8). */
export function PasswordField({ label, autocomplete, value, error, hint, onChange }: PasswordFieldProps) {
  const isShown = useSignal(false);
  const m = words.account;
  return (
    <div class="field">
      <label htmlFor="password">{label}</label>
      <div class="password">
        <input
          id="password"
          name="password"
          class="input"
          type={(isShown.value ? "text" : "password") as "password"}
          autocomplete={autocomplete}
          autocapitalize="none"
          spellcheck={false}
          required
          value={value}
          aria-invalid={error !== null}
          aria-describedby={describedBy("password", hint ?? undefined, error)}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
        <button
          type="button"
          class="button quiet"
          aria-label={isShown.value ? m.hidePassword : m.showPassword}
          onClick={() => {
            isShown.value = !isShown.value;
          }}
        >
          {isShown.value ? m.hide : m.show}
        </button>
      </div>
      <Below id="password" hint={hint ?? undefined} error={error} />
    </div>
  );
}

function describedBy(id: string, hint: string | undefined, error: string | null): string | undefined {
  const ids = [...(error === null ? [] : [`${id}-error`]), ...(hint === undefined ? [] : [`${id}-hint`])];
  return ids.length === 0 ? undefined : ids.join(" ");
}

interface BelowProps {
  readonly id: string;
  readonly hint: string | undefined;
  readonly error: string | null;
}

function Below({ id, hint, error }: BelowProps) {
  return (
    <>
      {error !== null && (
        <p class="error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </>
  );
}

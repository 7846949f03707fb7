/** Owns what is asked of one traveller. */

import { nowMs } from "../../browser/device.ts";
import { localDate } from "../../i18n/format.ts";
import type { DraftPassenger } from "../state/draft.ts";
import { words } from "../state/words.ts";
import { DateField } from "./date-field.tsx";

const NAME_LENGTH_MAX = 100;

/** What is wrong with what was typed of a traveller. */
export interface FieldError {
  readonly field: "name" | "birthDate";
  readonly text: string;
}

export interface PassengerFieldsProps {
  readonly id: string;
  /** `Adult 1` */
  readonly label: string;
  /** Whoever reads on has read the hints. */
  readonly isFirst: boolean;
  readonly seat: string;
  readonly passenger: DraftPassenger;
  readonly error: FieldError | null;
  /** The member's own name, offered to the first traveller. */
  readonly suggestion: string | null;
  readonly onChange: (changes: Partial<DraftPassenger>) => void;
}

export function PassengerFields(props: PassengerFieldsProps) {
  const { id, label, isFirst, seat, passenger, error, suggestion, onChange } = props;
  const m = words.passengers;
  const { name, birthDate } = passenger;
  const described = (field: "name" | "birthDate"): string | undefined => {
    const ids = [
      ...(error?.field === field ? [`${id}-${field}-error`] : []),
      ...(isFirst ? [`${id}-${field}-hint`] : []),
    ];
    return ids.length === 0 ? undefined : ids.join(" ");
  };
  return (
    <fieldset class="card passenger">
      <legend class="sr-only">{label}</legend>
      <p class="passenger-head" aria-hidden="true">
        <strong>{label}</strong>
        <span class="tag">{seat}</span>
      </p>
      <div class="field">
        <label htmlFor={`${id}-name`}>{m.name}</label>
        <input
          id={`${id}-name`}
          name={`${id}-name`}
          class="input"
          type="text"
          autocomplete={isFirst ? "name" : "off"}
          maxLength={NAME_LENGTH_MAX}
          required
          value={name}
          aria-invalid={error?.field === "name"}
          aria-describedby={described("name")}
          onInput={(event) => onChange({ name: event.currentTarget.value })}
        />
        {error?.field === "name" && (
          <p class="error" id={`${id}-name-error`}>
            {error.text}
          </p>
        )}
        {isFirst && (
          <p class="hint" id={`${id}-name-hint`}>
            {m.nameHint}
          </p>
        )}
        {suggestion !== null && name !== suggestion && (
          <p>
            <button type="button" class="button quiet" onClick={() => onChange({ name: suggestion })}>
              {m.me} · {suggestion}
            </button>
          </p>
        )}
      </div>
      <div class="field">
        <label htmlFor={`${id}-birthDate`}>
          {m.birthDate} <span class="soft">({m.optional})</span>
        </label>
        <DateField
          id={`${id}-birthDate`}
          value={birthDate}
          style="plain"
          max={localDate(nowMs())}
          autocomplete={isFirst ? "bday" : "off"}
          isInvalid={error?.field === "birthDate"}
          describedBy={described("birthDate")}
          onChange={(value) => onChange({ birthDate: value })}
        />
        {error?.field === "birthDate" && (
          <p class="error" id={`${id}-birthDate-error`}>
            {error.text}
          </p>
        )}
        {isFirst && (
          <p class="hint" id={`${id}-birthDate-hint`}>
            {m.birthHint}
          </p>
        )}
      </div>
    </fieldset>
  );
}

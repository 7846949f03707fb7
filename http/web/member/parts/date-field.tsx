/** Owns entering a day: the browser's own field, which reads in the browser's language while it is edited and in the page's otherwise. */

import { type DateStyle, formatDate } from "../../i18n/format.ts";
import { language } from "../state/words.ts";

export interface DateFieldProps {
  readonly id: string;
  /** `YYYY-MM-DD`, or empty. */
  readonly value: string;
  /** How it reads while it isn't edited. */
  readonly style: DateStyle;
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  readonly autocomplete?: string | undefined;
  /** Ids of what describes it. */
  readonly describedBy?: string | undefined;
  readonly isInvalid?: boolean;
  readonly onChange: (value: string) => void;
}

export function DateField(props: DateFieldProps) {
  const { id, value, style, min, max, autocomplete, describedBy, isInvalid = false, onChange } = props;
  return (
    <div class={value === "" ? "date-field" : "date-field written"}>
      <input
        id={id}
        class="input"
        type="date"
        value={value}
        min={min}
        max={max}
        autocomplete={autocomplete}
        aria-invalid={isInvalid}
        aria-describedby={describedBy}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      {value !== "" && <span aria-hidden="true">{formatDate(language, value, style)}</span>}
    </div>
  );
}

/** Owns choosing how many travel: a button that says it, and below it a row for each kind of traveller. */

import { useEffect, useRef, useState } from "preact/hooks";
import { PASSENGERS_MAX, type Party } from "../state/party.ts";
import { words } from "../state/words.ts";
import { Icon } from "./icon.tsx";

export interface PartyFieldProps {
  readonly id: string;
  readonly party: Party;
  readonly onChange: (party: Party) => void;
}

export function PartyField({ id, party, onChange }: PartyFieldProps) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const leave = (event: Event): void => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    document.addEventListener("focusin", leave);
    return () => {
      document.removeEventListener("pointerdown", leave);
      document.removeEventListener("focusin", leave);
    };
  }, [isOpen]);

  const m = words;
  const { adults, children, infants } = party;
  const hasRoom = adults + children + infants < PASSENGERS_MAX;
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div
      class="field party"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        event.preventDefault();
        close();
      }}
    >
      <span class="label" id={`${id}-label`}>
        {m.search.travellers}
      </span>
      <button
        ref={button}
        type="button"
        class="input party-button"
        aria-expanded={isOpen}
        aria-controls={`${id}-panel`}
        aria-labelledby={`${id}-label ${id}-value`}
        onClick={() => setOpen(!isOpen)}
      >
        <span id={`${id}-value`}>{m.party(adults, children, infants)}</span>
        <Icon name="people" />
      </button>
      <div id={`${id}-panel`} class="party-panel card" hidden={!isOpen} role="group" aria-labelledby={`${id}-label`}>
        <Counter
          label={m.search.adults}
          hint={m.search.adultsHint}
          value={adults}
          min={Math.max(1, infants)}
          canGrow={hasRoom}
          onChange={(value) => onChange({ ...party, adults: value })}
        />
        <Counter
          label={m.search.children}
          hint={m.search.childrenHint}
          value={children}
          min={0}
          canGrow={hasRoom}
          onChange={(value) => onChange({ ...party, children: value })}
        />
        <Counter
          label={m.search.infants}
          hint={m.search.infantsHint}
          value={infants}
          min={0}
          canGrow={hasRoom && infants < adults}
          onChange={(value) => onChange({ ...party, infants: value })}
        />
        <button type="button" class="button" onClick={close}>
          {m.search.done}
        </button>
      </div>
    </div>
  );
}

interface CounterProps {
  readonly label: string;
  readonly hint: string;
  readonly value: number;
  readonly min: number;
  readonly canGrow: boolean;
  readonly onChange: (value: number) => void;
}

/** Its buttons stay where they are at either end: one that vanished would take the focus with it. */
function Counter({ label, hint, value, min, canGrow, onChange }: CounterProps) {
  const m = words.search;
  return (
    <div class="counter">
      <span>
        {label}
        <span class="soft small">{hint}</span>
      </span>
      <button
        type="button"
        class="round"
        aria-label={m.fewer(label)}
        aria-disabled={value <= min}
        onClick={() => value > min && onChange(value - 1)}
      >
        <Icon name="minus" />
      </button>
      <output aria-live="polite">
        <span class="sr-only">{label}: </span>
        {value}
      </output>
      <button
        type="button"
        class="round"
        aria-label={m.more(label)}
        aria-disabled={!canGrow}
        onClick={() => canGrow && onChange(value + 1)}
      >
        <Icon name="plus" />
      </button>
    </div>
  );
}

/** Owns choosing an airport: a text field with suggestions, after the combobox pattern of the ARIA Authoring Practices. */

import { useRef, useState } from "preact/hooks";
import { countryName } from "../../i18n/format.ts";
import { airportName, type Place, placeName, placeTexts } from "../../i18n/places.ts";
import { language, words } from "../state/words.ts";

const SHOWN_MAX = 8;

export interface AirportFieldProps {
  readonly id: string;
  readonly label: string;
  /** IATA code, or empty. */
  readonly value: string;
  readonly places: readonly Place[];
  readonly error: string | null;
  readonly onChoose: (code: string) => void;
}

export function AirportField({ id, label, value, places, error, onChoose }: AirportFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  /** What is being typed; null while the field shows what is chosen. */
  const [typed, setTyped] = useState<string | null>(null);
  const [active, setActive] = useState(-1);
  const [isOpen, setOpen] = useState(false);

  const chosen = places.find(({ code }) => code === value);
  const written = value === "" ? "" : `${placeName(language, value, chosen)} (${value})`;
  const matches = isOpen ? matching(places, typed ?? "") : [];

  const close = (): void => {
    setOpen(false);
    setActive(-1);
  };
  const choose = (place: Place): void => {
    onChoose(place.code);
    setTyped(null);
    close();
  };
  const leave = (): void => {
    // One that is named beyond doubt need not be picked.
    const only = typed === null || typed.trim() === "" ? undefined : certain(places, typed);
    if (only !== undefined) onChoose(only.code);
    else if (typed !== null && typed.trim() === "") onChoose("");
    setTyped(null);
    close();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // The keys are the input method's while a syllable is put together.
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) {
        setOpen(true);
        return;
      }
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (matches.length > 0) setActive((active + step + matches.length) % matches.length);
    } else if (event.key === "Enter" && isOpen) {
      const place = matches[active] ?? (typed === null ? undefined : matches[0]);
      if (place === undefined) return;
      event.preventDefault();
      choose(place);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      setTyped(null);
      close();
    }
  };

  const list = `${id}-list`;
  const said = isOpen && typed !== null ? words.search.suggestions(matches.length) : "";
  return (
    <div class="field airport">
      <label htmlFor={id}>{label}</label>
      <input
        ref={input}
        id={id}
        class="input"
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        aria-expanded={isOpen}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={active >= 0 ? `${id}-${matches[active]?.code}` : undefined}
        aria-invalid={error !== null}
        aria-describedby={error === null ? undefined : `${id}-error`}
        placeholder={words.search.placeHint}
        value={typed ?? written}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setOpen(true);
          setActive(-1);
        }}
        onFocus={(event) => event.currentTarget.select()}
        onClick={() => setOpen(true)}
        onBlur={leave}
        onKeyDown={onKeyDown}
      />
      <ul id={list} role="listbox" aria-label={label} class="suggestions" hidden={!isOpen}>
        {matches.map((place, at) => (
          <li
            key={place.code}
            id={`${id}-${place.code}`}
            role="option"
            aria-selected={at === active}
            class={at === active ? "active" : undefined}
            // The field keeps the focus, or leaving it would close the list under the finger.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(place)}
          >
            <span class="suggestion-name">
              <strong>{placeName(language, place.code, place)}</strong>
              <span class="soft small">
                {[airportName(language, place), place.country && countryName(language, place.country)]
                  .filter(Boolean)
                  .join(", ")}
              </span>
            </span>
            <span class="code">{place.code}</span>
          </li>
        ))}
        {isOpen && matches.length === 0 && (
          <li role="option" aria-selected={false} aria-disabled class="none soft">
            {words.search.noPlace}
          </li>
        )}
      </ul>
      <span class="sr-only" role="status">
        {said}
      </span>
      {error !== null && (
        <p class="error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

/** Those whose code or names begin a word with what was typed, codes first; all for nothing typed. */
function matching(places: readonly Place[], typed: string): readonly Place[] {
  const text = typed.trim().toLowerCase();
  if (text === "") return places;
  const rank = (place: Place): number => {
    if (place.code.toLowerCase() === text) return 0;
    const texts = placeTexts(place);
    if (texts.split(/\s+/).some((word) => word.startsWith(text))) return 1;
    return texts.includes(text) ? 2 : 3;
  };
  return places
    .map((place) => ({ place, rank: rank(place) }))
    .filter((each) => each.rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, SHOWN_MAX)
    .map((each) => each.place);
}

function certain(places: readonly Place[], typed: string): Place | undefined {
  const matches = matching(places, typed);
  return matches.length === 1 || matches[0]?.code === typed.trim().toUpperCase() ? matches[0] : undefined;
}

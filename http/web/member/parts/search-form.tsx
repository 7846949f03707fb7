/** Owns the search: where from, where to, when, and who. */

import { useEffect, useState } from "preact/hooks";
import { nowMs } from "../../browser/device.ts";
import { localDate } from "../../i18n/format.ts";
import { type Party, partyParameters } from "../state/party.ts";
import { usePlaces } from "../state/places.ts";
import { goTo, withParameters } from "../state/router.ts";
import { words } from "../state/words.ts";
import { AirportField } from "./airport-field.tsx";
import { DateField } from "./date-field.tsx";
import { Icon } from "./icon.tsx";
import { PartyField } from "./party-field.tsx";

export interface Search {
  readonly origin: string;
  readonly destination: string;
  /** `YYYY-MM-DD`, or empty. */
  readonly date: string;
  readonly party: Party;
}

type Field = "origin" | "destination" | "date";

export function SearchForm({ search, onDone }: { readonly search: Search; readonly onDone?: () => void }) {
  const [{ origin, destination, date, party }, setSearch] = useState(search);
  const [isTried, setTried] = useState(false);
  const places = usePlaces();
  const m = words.search;
  useEffect(() => setSearch(search), [JSON.stringify(search)]);
  const change = (changes: Partial<Search>): void => setSearch((before) => ({ ...before, ...changes }));

  const errors: Partial<Record<Field, string>> = {};
  if (origin === "") errors.origin = m.missingFrom;
  if (destination === "") errors.destination = m.missingTo;
  else if (destination === origin) errors.destination = m.samePlace;
  if (date === "") errors.date = m.missingDate;
  const shown = (field: Field): string | null => (isTried ? (errors[field] ?? null) : null);

  const submit = (event: Event): void => {
    event.preventDefault();
    setTried(true);
    const wrong = (["origin", "destination", "date"] as const).find((field) => errors[field] !== undefined);
    if (wrong !== undefined) {
      document.getElementById(`search-${wrong}`)?.focus();
      return;
    }
    onDone?.();
    goTo(withParameters({ origin, destination, date, ...partyParameters(party) }, "/flights"));
  };

  return (
    <form class="search" role="search" aria-label={m.label} onSubmit={submit} noValidate>
      <AirportField
        id="search-origin"
        label={m.from}
        value={origin}
        places={places}
        error={shown("origin")}
        onChoose={(code) => change({ origin: code })}
      />
      <button
        type="button"
        class="round swap"
        aria-label={m.swap}
        onClick={() => change({ origin: destination, destination: origin })}
      >
        <Icon name="swap" />
      </button>
      <AirportField
        id="search-destination"
        label={m.to}
        value={destination}
        places={places}
        error={shown("destination")}
        onChoose={(code) => change({ destination: code })}
      />
      <div class="field">
        <label htmlFor="search-date">{m.date}</label>
        <DateField
          id="search-date"
          value={date}
          style="short"
          min={localDate(nowMs())}
          isInvalid={shown("date") !== null}
          describedBy={shown("date") === null ? undefined : "search-date-error"}
          onChange={(value) => change({ date: value })}
        />
        {shown("date") !== null && (
          <p class="error" id="search-date-error">
            {shown("date")}
          </p>
        )}
      </div>
      <PartyField id="search-party" party={party} onChange={(chosen) => change({ party: chosen })} />
      <button type="submit" class="button act search-submit">
        <Icon name="search" />
        {m.submit}
      </button>
    </form>
  );
}

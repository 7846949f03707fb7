/** Owns the list of flights that a search finds: the days around it, its order, its pages. */

import { useEffect, useState } from "preact/hooks";
import { formatDate, isDate } from "../../i18n/format.ts";
import { DateStrip } from "../parts/date-strip.tsx";
import { FlightCard } from "../parts/flight-card.tsx";
import { Icon } from "../parts/icon.tsx";
import { RefusalNote } from "../parts/note.tsx";
import { SearchForm } from "../parts/search-form.tsx";
import { Title } from "../parts/title.tsx";
import { type Flight, findFlights, type Sort } from "../state/flights.ts";
import { partyIn } from "../state/party.ts";
import { useCity } from "../state/places.ts";
import { useResource } from "../state/resource.ts";
import { goTo, query, withParameters } from "../state/router.ts";
import { language, words } from "../state/words.ts";

const PAGE_SIZE = 10;
const SORTS: readonly Sort[] = ["departsAt", "price", "duration"];

export function Results() {
  const parameters = query.value;
  const origin = parameters.get("origin") ?? "";
  const destination = parameters.get("destination") ?? "";
  const asked = parameters.get("date") ?? "";
  const date = isDate(asked) ? asked : "";
  const sort = SORTS.find((each) => each === parameters.get("sort")) ?? "departsAt";
  const page = Math.max(1, Math.trunc(Number(parameters.get("page") ?? 1)) || 1);
  const party = partyIn(parameters);
  const [isSearching, setSearching] = useState(origin === "" || destination === "" || date === "");
  const { data, refusal, reload } = useResource(
    `flights ${JSON.stringify([origin, destination, date, sort, page])}`,
    (signal) => findFlights({ origin, destination, from: date, to: date, sort, page, size: PAGE_SIZE }, signal),
  );
  const m = words;
  const city = useCity();
  const title = m.results.title(origin === "" ? "" : city(origin), destination === "" ? "" : city(destination));
  const day = date === "" ? "" : formatDate(language, date);
  // Times are those of each place: only one place's departures come day by day, and only in that order.
  const isByDay = origin !== "" && sort === "departsAt";
  const pages = data === null ? 1 : Math.max(1, Math.ceil(data.total / PAGE_SIZE));

  useEffect(() => {
    // Of a list that has become shorter the last page is shown.
    if (data !== null && page > pages) goTo(withParameters({ page: pages === 1 ? null : pages }), { replace: true });
  }, [data]);

  return (
    <div class="stack wide">
      <header class="stack">
        <Title tab={title}>{title}</Title>
        <p class="cluster spread">
          <span class="soft">
            {[day, m.party(party.adults, party.children, party.infants)].filter(Boolean).join(" · ")}
          </span>
          <button type="button" class="button" aria-expanded={isSearching} onClick={() => setSearching(!isSearching)}>
            <Icon name="search" />
            {m.search.change}
          </button>
        </p>
        {isSearching && (
          <div class="card">
            <SearchForm search={{ origin, destination, date, party }} onDone={() => setSearching(false)} />
          </div>
        )}
      </header>
      {origin !== "" && destination !== "" && day !== "" && (
        <DateStrip origin={origin} destination={destination} date={date} />
      )}
      {refusal !== null && <RefusalNote refusal={refusal} onRetry={reload} />}
      {refusal === null && (
        <section class="stack" aria-busy={data === null}>
          <div class="cluster spread">
            <h2 class="count">{data === null ? m.general.loading : m.results.count(data.total)}</h2>
            <nav class="sorts" aria-label={m.results.sort}>
              <span class="small soft" aria-hidden="true">
                {m.results.sort}
              </span>
              <ul>
                {SORTS.map((each) => (
                  <li key={each}>
                    <a
                      href={withParameters({ sort: each === "departsAt" ? null : each, page: null })}
                      aria-current={each === sort ? "true" : undefined}
                    >
                      {m.results.sorts[each]}
                    </a>
                  </li>
                ))}
              </ul>
            </nav>
          </div>
          {data === null && [1, 2, 3].map((each) => <div key={each} class="waiting flight-waiting" />)}
          {data?.items.length === 0 && (
            <div class="card empty">
              <Icon name="plane" />
              <p>
                <strong>{day === "" ? m.results.emptyRoute : m.results.empty}</strong>
              </p>
              <p class="soft">{day === "" ? m.results.emptyRouteHint : m.results.emptyHint}</p>
            </div>
          )}
          <ul class="stack">
            {data?.items.map((flight, at) => (
              <li key={flight.id}>
                {day === "" && isByDay && dayOf(data.items[at - 1]) !== dayOf(flight) && (
                  <h3 class="day">{formatDate(language, flight.departsLocal)}</h3>
                )}
                <FlightCard flight={flight} party={party} isDated={day === "" && !isByDay} />
              </li>
            ))}
          </ul>
          {pages > 1 && (
            <nav class="cluster pages" aria-label={m.results.pages}>
              {page > 1 && (
                <a class="button" rel="prev" href={withParameters({ page: page === 2 ? null : page - 1 })}>
                  {m.results.previous}
                </a>
              )}
              <span class="soft">{m.results.page(page, pages)}</span>
              {page < pages && (
                <a class="button" rel="next" href={withParameters({ page: page + 1 })}>
                  {m.results.next}
                </a>
              )}
            </nav>
          )}
        </section>
      )}
    </div>
  );
}

function dayOf(flight: Flight | undefined): string {
  return flight?.departsLocal.slice(0, 10) ?? "";
}

/** Owns the start: what PigonAir promises, the search, and what the cheapest flights of tomorrow cost. */

import { nowMs } from "../../browser/device.ts";
import { addDays, formatMoney, localDate } from "../../i18n/format.ts";
import { pathOf } from "../../paths.ts";
import { Hero } from "../parts/hero.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { SearchForm } from "../parts/search-form.tsx";
import { Title } from "../parts/title.tsx";
import { type Flight, findFlights, lowestFare } from "../state/flights.ts";
import { ONE_ADULT } from "../state/party.ts";
import { useCity } from "../state/places.ts";
import { useResource } from "../state/resource.ts";
import { withParameters } from "../state/router.ts";
import { language, words } from "../state/words.ts";

const FARES_SHOWN = 4;
/** Cheapest first: several flights of a route come together. */
const FARES_ASKED = 40;

const PROMISE_ICONS: readonly IconName[] = ["seat", "people", "clock"];

export function Home() {
  const m = words;
  const tomorrow = addDays(localDate(nowMs()), 1);
  return (
    <>
      <Hero lead={m.home.lead}>
        <Title tab={m.home.documentTitle}>{m.home.title}</Title>
      </Hero>
      <div class="card search-card">
        <SearchForm search={{ origin: "", destination: "", date: tomorrow, party: ONE_ADULT }} />
      </div>
      <Fares date={tomorrow} />
      <ul class="promises">
        {m.home.promises.map(({ title, text }, at) => (
          <li key={title}>
            <span class="promise-icon">
              <Icon name={PROMISE_ICONS[at] ?? "check"} />
            </span>
            <h2>{title}</h2>
            <p class="soft">{text}</p>
          </li>
        ))}
      </ul>
    </>
  );
}

function Fares({ date }: { readonly date: string }) {
  const { data, refusal } = useResource(`fares ${date}`, async (signal) => {
    const search = {
      origin: "",
      destination: "",
      from: date,
      to: date,
      sort: "price",
      page: 1,
      size: FARES_ASKED,
    } as const;
    const { items } = await findFlights(search, signal);
    return cheapestByRoute(items);
  });
  const m = words.home;
  const city = useCity();
  // Nothing flies tomorrow, or it can't be read: the search is enough.
  if (refusal !== null || data?.length === 0) return null;
  return (
    <section class="stack fares-section" aria-busy={data === null}>
      <h2>{m.fares}</h2>
      <ul class="fares">
        {data === null && [1, 2, 3, 4].map((each) => <li key={each} class="waiting fare-waiting" />)}
        {data?.map((flight) => {
          const { origin, destination } = flight;
          return (
            <li key={flight.id}>
              <a class="card fare-card" href={withParameters({ origin, destination, date }, pathOf("results"))}>
                <span class="route">
                  {city(origin)}
                  <Icon name="arrow" />
                  {city(destination)}
                </span>
                <span class="fare-amount">{m.from(formatMoney(language, lowestFare(flight)))}</span>
              </a>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** One flight a pair of places, the cheapest: both directions cost the same. */
function cheapestByRoute(flights: readonly Flight[]): readonly Flight[] {
  const byRoute = new Map<string, Flight>();
  for (const flight of flights) {
    const { origin, destination } = flight;
    const route = origin < destination ? origin + destination : destination + origin;
    if (!byRoute.has(route)) byRoute.set(route, flight);
  }
  return [...byRoute.values()].slice(0, FARES_SHOWN);
}

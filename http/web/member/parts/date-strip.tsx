/** Owns the days around the one that is looked at, each with its lowest fare. */

import { useEffect, useRef } from "preact/hooks";
import { nowMs } from "../../browser/device.ts";
import { addDays, daysBetween, formatDate, formatMoney, localDate } from "../../i18n/format.ts";
import { findFlights, lowestFare } from "../state/flights.ts";
import { useResource } from "../state/resource.ts";
import { withParameters } from "../state/router.ts";
import { language, words } from "../state/words.ts";

const DAYS_BEFORE = 3;
const DAYS = 7;
/** The longest list that the API gives: cheapest first, so that each day's lowest fare is most probably among them. */
const SIZE = 100;

export interface DateStripProps {
  readonly origin: string;
  readonly destination: string;
  readonly date: string;
}

export function DateStrip({ origin, destination, date }: DateStripProps) {
  const daysAhead = Math.max(0, daysBetween(localDate(nowMs()), date));
  const first = addDays(date, -Math.min(DAYS_BEFORE, daysAhead));
  const days = Array.from({ length: DAYS }, (_, at) => addDays(first, at));
  const last = addDays(first, DAYS - 1);
  const { data } = useResource(`days ${origin} ${destination} ${first}`, async (signal) => {
    const search = { origin, destination, from: first, to: last, sort: "price", page: 1, size: SIZE } as const;
    const { items, total } = await findFlights(search, signal);
    return {
      cheapest: items.map((flight) => ({ day: flight.departsLocal.slice(0, 10), fare: lowestFare(flight) })),
      total,
    };
  });
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    // Where not all days fit, the chosen one is among those that are seen.
    const chosen = list.current?.querySelector<HTMLElement>("[aria-current]");
    if (list.current && chosen)
      list.current.scrollLeft = chosen.offsetLeft - list.current.offsetLeft - chosen.offsetWidth / 2;
  }, [date]);
  const m = words.results;
  const isWhole = data !== null && data.total <= SIZE;
  return (
    <nav aria-label={m.otherDays} class="days-nav">
      <ol ref={list}>
        {days.map((day) => {
          const fare = data?.cheapest.find((each) => each.day === day)?.fare;
          return (
            <li key={day}>
              <a href={withParameters({ date: day, page: null })} aria-current={day === date ? "date" : undefined}>
                <span>{formatDate(language, day, "short")}</span>
                <span class="small soft">
                  {fare !== undefined ? formatMoney(language, fare) : isWhole ? m.noFare : "\u00a0"}
                </span>
              </a>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

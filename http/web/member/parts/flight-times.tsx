/** Owns a flight's line: when and where from, how long, when and where to. */

import { daysBetween, formatTime } from "../../i18n/format.ts";
import { aircraftName } from "../../i18n/places.ts";
import { type Flight, minutesOf } from "../state/flights.ts";
import { useCity } from "../state/places.ts";
import { language, words } from "../state/words.ts";

export function FlightTimes({ flight }: { readonly flight: Flight }) {
  const { origin, destination, departsLocal, arrivesLocal, airline, number, aircraft } = flight;
  const m = words;
  const city = useCity();
  const minutes = minutesOf(flight);
  const days = daysBetween(departsLocal, arrivesLocal);
  const time = (local: string) => <time dateTime={local}>{formatTime(language, local)}</time>;
  return (
    <div class="times">
      <div class="end">
        <span class="clock">{time(departsLocal)}</span>
        <span class="place">
          <span class="code">{origin}</span> {city(origin)}
        </span>
      </div>
      <div class="way">
        <span class="small soft">{m.duration(Math.floor(minutes / 60), minutes % 60)}</span>
        <span class="track" aria-hidden="true" />
      </div>
      <div class="end">
        <span class="clock">
          {time(arrivesLocal)}
          {days !== 0 && (
            <sup class="days">
              <span aria-hidden="true">{m.results.nextDay(days)}</span>
              <span class="sr-only">{m.results.nextDayLong(days)}</span>
            </sup>
          )}
        </span>
        <span class="place">
          <span class="code">{destination}</span> {city(destination)}
        </span>
      </div>
      <span class="vehicle small soft">
        {airline} {number} · {aircraftName(aircraft)}
      </span>
    </div>
  );
}

/** Owns a flight in the list of those that were found: its times, what its cabins cost, how many seats are left, and the way in. */

import { formatDate, formatMoney } from "../../i18n/format.ts";
import { cabinClass } from "../../i18n/places.ts";
import { type Flight, freeSeats, hasRoom, isPossible, lowestFare, wayInto } from "../state/flights.ts";
import { type Party, seatedCount } from "../state/party.ts";
import { language, words } from "../state/words.ts";
import { FlightTimes } from "./flight-times.tsx";
import { Icon } from "./icon.tsx";

/** Below this a seat left is worth saying aloud. */
const FEW = 9;

export interface FlightCardProps {
  readonly flight: Flight;
  readonly party: Party;
  /** Whether the card says the day itself: nothing above it does. */
  readonly isDated: boolean;
}

export function FlightCard({ flight, party, isDated }: FlightCardProps) {
  const m = words.results;
  const { cabins } = flight;
  const fare = formatMoney(language, lowestFare(flight));
  const label = `${flight.airline} ${flight.number}`;
  return (
    <article class="card flight" aria-label={label}>
      {isDated && <p class="summary-day">{formatDate(language, flight.departsLocal)}</p>}
      <FlightTimes flight={flight} />
      {cabins.length > 1 && (
        <ul class="cabins">
          {cabins.map(({ cabin, free, lowestFare: price }) => (
            <li key={cabin} class={free === 0 ? "soft" : undefined}>
              <span>{words.cabins[cabinClass(cabin)]}</span>
              <span>
                {formatMoney(language, price)} · <span class="soft">{free === 0 ? m.soldOut : m.seatsLeft(free)}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
      <div class="offer">
        <p class="fare">
          <span class="soft small">{m.from} </span>
          <strong>{fare}</strong>
        </p>
        <p class="left">
          <Left flight={flight} party={party} />
        </p>
        {isPossible(flight, party) && (
          <a class="button act" href={wayInto(flight, party)} aria-label={`${callOf(flight)}, ${label}`}>
            {callOf(flight)}
            <Icon name="arrow" />
          </a>
        )}
      </div>
    </article>
  );
}

function callOf(flight: Flight): string {
  const m = words.results;
  return hasRoom(flight) ? m.join : m.choose;
}

function roomText({ waitingRoom }: Flight): string {
  const m = words.results;
  if (waitingRoom === "prequeue") return m.saleSoon;
  return waitingRoom === "closed" ? m.saleClosed : m.waitingRoom;
}

function Left({ flight, party }: { readonly flight: Flight; readonly party: Party }) {
  const m = words.results;
  const free = freeSeats(flight);
  if (flight.status === "DEPARTED") return <span class="tag">{m.departed}</span>;
  if (free === 0) return <span class="tag bad">{m.soldOut}</span>;
  if (free < seatedCount(party)) return <span class="tag warn">{m.notEnough(free)}</span>;
  return (
    <>
      {hasRoom(flight) && (
        <span class="tag act">
          <Icon name="people" />
          {roomText(flight)}
        </span>
      )}{" "}
      {free <= FEW ? (
        <span class="tag warn">
          <Icon name="warn" />
          {m.fewLeft(free)}
        </span>
      ) : (
        <span class="small soft">{m.seatsLeft(free)}</span>
      )}
    </>
  );
}

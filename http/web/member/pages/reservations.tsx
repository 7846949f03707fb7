/** Owns the member's reservations: what is to be finished, what is coming, and what is over. */

import { nowMs } from "../../browser/device.ts";
import { formatDate, formatMoney, formatTime } from "../../i18n/format.ts";
import { pathOf } from "../../paths.ts";
import { Icon } from "../parts/icon.tsx";
import { RefusalNote } from "../parts/note.tsx";
import { Title } from "../parts/title.tsx";
import { type Flight, readFlight } from "../state/flights.ts";
import { useMembersOnly } from "../state/members-only.ts";
import { useCity } from "../state/places.ts";
import { hasEnded, listReservations, type Reservation } from "../state/reservations.ts";
import { useResource } from "../state/resource.ts";
import { member } from "../state/session.ts";
import { language, words } from "../state/words.ts";

interface Trip {
  readonly reservation: Reservation;
  readonly flight: Flight;
}

export function Reservations() {
  const isMember = useMembersOnly();
  const { data, refusal, reload } = useResource(
    isMember ? `reservations ${member.value?.id}` : null,
    async (signal): Promise<readonly Trip[]> => {
      const { items } = await listReservations(signal);
      const ids = [...new Set(items.map(({ flightId }) => flightId))];
      const flights = new Map(await Promise.all(ids.map(async (id) => [id, await readFlight(id, signal)] as const)));
      return items.flatMap((reservation) => {
        const flight = flights.get(reservation.flightId);
        return flight === undefined ? [] : [{ reservation, flight }];
      });
    },
  );
  const m = words.trips;
  const isOver = ({ reservation, flight }: Trip): boolean =>
    hasEnded(reservation) || Date.parse(flight.departsAt) < nowMs();
  const byDeparture = (a: Trip, b: Trip): number => Date.parse(a.flight.departsAt) - Date.parse(b.flight.departsAt);
  const lasting = (data ?? []).filter((trip) => !isOver(trip)).sort(byDeparture);
  const isTicketed = ({ reservation: { status } }: Trip): boolean => status === "TICKETED";
  return (
    <div class="stack wide">
      <Title tab={m.title}>{m.title}</Title>
      {refusal !== null && <RefusalNote refusal={refusal} onRetry={reload} />}
      {data === null && refusal === null && [1, 2].map((each) => <div key={each} class="waiting flight-waiting" />)}
      {data?.length === 0 && (
        <div class="card empty">
          <Icon name="plane" />
          <p>
            <strong>{m.empty}</strong>
          </p>
          <p class="soft">{m.emptyText}</p>
          <p>
            <a class="button act" href="/">
              {m.search}
            </a>
          </p>
        </div>
      )}
      <Trips title={m.open} trips={lasting.filter((trip) => !isTicketed(trip))} />
      <Trips title={m.coming} trips={lasting.filter(isTicketed)} />
      <Trips title={m.past} trips={(data ?? []).filter(isOver)} />
    </div>
  );
}

function Trips({ title, trips }: { readonly title: string; readonly trips: readonly Trip[] }) {
  if (trips.length === 0) return null;
  return (
    <section class="stack">
      <h2>{title}</h2>
      <ul class="stack">
        {trips.map((trip) => (
          <li key={trip.reservation.id}>
            <TripCard trip={trip} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function TripCard({ trip: { reservation, flight } }: { readonly trip: Trip }) {
  const m = words;
  const city = useCity();
  const { id, pnr, status, passengers, total } = reservation;
  const isOpen = status === "HELD" || status === "PAYING";
  const names = passengers.map(({ name }) => name).join(", ");
  const seats = passengers.flatMap(({ seat }) => seat ?? []).join(", ");
  return (
    <article class="card trip">
      <div class="trip-where">
        <h3>
          {city(flight.origin)} <Icon name="arrow" /> <span class="sr-only">→</span> {city(flight.destination)}
        </h3>
        <p class="soft small">
          {formatDate(language, flight.departsLocal)} · {formatTime(language, flight.departsLocal)} · {flight.airline}{" "}
          {flight.number}
        </p>
        <p class="small">
          {names} · {seats}
        </p>
      </div>
      <div class="trip-state">
        <p class="cluster">
          <span class="pnr">{pnr}</span>
          <span class={`tag ${status === "TICKETED" ? "good" : isOpen ? "warn" : ""}`}>{m.trip.statuses[status]}</span>
        </p>
        <p class="small soft">{formatMoney(language, total)}</p>
      </div>
      <a
        class={isOpen ? "button act" : "button"}
        href={pathOf("reservation", id)}
        aria-label={`${isOpen ? m.trips.continue : m.trips.details}: ${pnr}`}
      >
        {isOpen ? m.trips.continue : m.trips.details}
      </a>
    </article>
  );
}

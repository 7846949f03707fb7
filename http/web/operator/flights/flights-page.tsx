/** Owns the page of sales: flights by route and date, how full they are, and the state of their waiting rooms. */

import { answerOf, api } from "../../browser/api.ts";
import { nowMs } from "../../browser/device.ts";
import { formatDate, formatTime, localDate } from "../../i18n/format.ts";
import { RefusalNote } from "../../member/parts/note.tsx";
import { useResource } from "../../member/state/resource.ts";
import { language } from "../../member/state/words.ts";
import { Heading } from "../parts/heading.tsx";
import { Meter } from "../parts/meter.tsx";
import { TableBox } from "../parts/table-box.tsx";
import { OPERATOR_PATHS, operatorPath } from "../paths.ts";
import { goTo, query } from "../router.ts";
import { filled, words } from "../words.ts";
import type { FlightFacts } from "./flight-facts.ts";

const SIZE = 20;

export function FlightsPage() {
  const m = words.flights;
  const asked = query.value;
  const filter = {
    origin: asked.get("origin") ?? "",
    destination: asked.get("destination") ?? "",
    from: asked.get("from") ?? localDate(nowMs()),
  };
  const page = Math.max(1, Number(asked.get("page")) || 1);
  const { data, refusal, reload } = useResource(`operator flights ${JSON.stringify(filter)} ${page}`, (signal) =>
    answerOf(
      api.flights.get({
        query: {
          from: filter.from,
          ...(filter.origin === "" ? {} : { origin: filter.origin }),
          ...(filter.destination === "" ? {} : { destination: filter.destination }),
          page: String(page),
          size: String(SIZE),
        },
        fetch: { signal },
      }),
    ),
  );
  const pages = data === null ? 1 : Math.max(1, Math.ceil(data.total / SIZE));
  const at = (to: number): string => addressOf({ ...filter, page: String(to) });
  return (
    <div class="stack wide">
      <Heading>{m.title}</Heading>
      <form
        class="card filter"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          const field = (name: string): string =>
            String(form.get(name) ?? "")
              .trim()
              .toUpperCase();
          goTo(addressOf({ origin: field("origin"), destination: field("destination"), from: field("from") }));
        }}
      >
        <Field label={m.origin} name="origin" value={filter.origin} />
        <Field label={m.destination} name="destination" value={filter.destination} />
        <div class="field">
          <label for="from">{m.date}</label>
          <input class="input" id="from" name="from" type="date" value={filter.from} />
        </div>
        <button type="submit" class="button act">
          {m.show}
        </button>
      </form>
      {refusal !== null && <RefusalNote refusal={refusal} onRetry={reload} takesFocus={false} />}
      {data !== null && data.items.length === 0 && <p class="card">{m.none}</p>}
      {data !== null && data.items.length > 0 && <FlightTable flights={data.items as readonly FlightFacts[]} />}
      {pages > 1 && (
        <nav class="cluster" aria-label={m.title}>
          {page > 1 && (
            <a class="button" href={at(page - 1)}>
              {m.earlier}
            </a>
          )}
          <span>{filled(m.page, { page, pages })}</span>
          {page < pages && (
            <a class="button" href={at(page + 1)}>
              {m.later}
            </a>
          )}
        </nav>
      )}
    </div>
  );
}

function Field({ label, name, value }: { readonly label: string; readonly name: string; readonly value: string }) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        class="input code"
        id={name}
        name={name}
        value={value}
        pattern="[A-Za-z]{3}"
        maxLength={3}
        autocomplete="off"
      />
    </div>
  );
}

function addressOf(parameters: Readonly<Record<string, string>>): string {
  const filled = Object.entries(parameters).filter(([, value]) => value !== "");
  return `${OPERATOR_PATHS.flights}?${new URLSearchParams(filled)}`;
}

function FlightTable({ flights }: { readonly flights: readonly FlightFacts[] }) {
  const m = words.flights;
  return (
    <TableBox label={m.title} isCard>
      <table class="figures compact sales">
        <thead>
          <tr>
            <th scope="col">{m.flight}</th>
            <th scope="col">{m.departs}</th>
            <th scope="col">{m.sold}</th>
            <th scope="col">{m.room}</th>
          </tr>
        </thead>
        <tbody>
          {flights.map((flight) => (
            <FlightRow key={flight.id} flight={flight} />
          ))}
        </tbody>
      </table>
    </TableBox>
  );
}

function FlightRow({ flight }: { readonly flight: FlightFacts }) {
  const m = words.flights;
  const capacity = flight.cabins.reduce((sum, cabin) => sum + cabin.capacity, 0);
  const taken = capacity - flight.cabins.reduce((sum, cabin) => sum + cabin.free, 0);
  const { departsLocal } = flight;
  return (
    <tr>
      <th scope="row">
        <a href={operatorPath("flight", flight.id)}>
          {flight.airline} {flight.number}
        </a>
        <span class="about">
          {flight.origin} → {flight.destination}
        </span>
      </th>
      <td>
        {formatDate(language, departsLocal, "short")} {formatTime(language, departsLocal)}
      </td>
      <td>
        <Meter share={capacity === 0 ? 0 : taken / capacity} label={m.sold} full={2} />
        <span class="about">{filled(m.taken, { taken, capacity })}</span>
      </td>
      <td>
        <span class={`tag ${flight.waitingRoom === "open" ? "good" : flight.waitingRoom === "off" ? "" : "warn"}`}>
          {words.rooms[flight.waitingRoom]}
        </span>
      </td>
    </tr>
  );
}

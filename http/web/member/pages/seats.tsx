/** Owns the step in which seats are chosen: in the live picture of the cabin, or by wish. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { pathOf } from "../../paths.ts";
import { logInPath, waitingRoomPath } from "../../room-handover.ts";
import { FlightSummary } from "../parts/flight-summary.tsx";
import { Icon } from "../parts/icon.tsx";
import { Note, RefusalNote } from "../parts/note.tsx";
import { Steps } from "../parts/steps.tsx";
import { Title } from "../parts/title.tsx";
import { ByWish } from "../seat-map/by-wish.tsx";
import { ChoicePanel } from "../seat-map/choice-panel.tsx";
import { Legend } from "../seat-map/seat-cell.tsx";
import { SeatMap } from "../seat-map/seat-map.tsx";
import { nameOf } from "../seat-map/seat-name.ts";
import { type Seat, SeatStore } from "../seat-map/seat-store.ts";
import { useTidings } from "../seat-map/tidings.ts";
import { useChoice } from "../seat-map/use-choice.ts";
import { type Admission, useAdmission } from "../state/admission.ts";
import { type Flight, readFlight } from "../state/flights.ts";
import { useResource } from "../state/resource.ts";
import { address, query, withParameters } from "../state/router.ts";
import { member } from "../state/session.ts";
import { words } from "../state/words.ts";

export function Seats({ id }: { readonly id: string }) {
  const { data: flight, refusal } = useResource(`flight ${id}`, (signal) => readFlight(id, signal));
  const store = useMemo(() => new SeatStore(), [id]);
  useEffect(() => {
    const leaving = new AbortController();
    store.followSeen(id, leaving.signal);
    return () => leaving.abort();
  }, [id]);
  const chooser = useChoice(store);
  useTidings(store);
  const admission = useAdmission(flight);
  const looked = useSignal<Seat | null>(null);
  const m = words;
  const isList = query.value.get("view") === "list";

  if (refusal !== null) {
    return (
      <div class="stack">
        <Title tab={m.seats.title}>{m.seats.title}</Title>
        <RefusalNote refusal={refusal}>
          <p>
            <a href={pathOf("home")}>{m.search.submit}</a>
          </p>
        </RefusalNote>
      </div>
    );
  }
  return (
    <div class="stack wide">
      <Steps now="seats" />
      <Title tab={m.seats.title}>{m.seats.title}</Title>
      <FlightSummary flight={flight} />
      {flight !== null && (
        <SaleNote flight={flight} store={store} needed={chooser.seats.length} admission={admission} />
      )}
      <div class="seats-layout">
        <div class="stack">
          <nav class="views" aria-label={m.seats.views}>
            <a href={withParameters({ view: null })} aria-current={isList ? undefined : "true"}>
              <Icon name="map" />
              {m.seats.map}
            </a>
            <a href={withParameters({ view: "list" })} aria-current={isList ? "true" : undefined}>
              <Icon name="list" />
              {m.seats.list}
            </a>
            <LiveSign store={store} />
          </nav>
          {isList ? (
            <ByWish store={store} chooser={chooser} />
          ) : (
            <div class="card map-card">
              <Legend />
              <p class="sr-only" id="seat-map-help">
                {m.seats.mapHelp}
              </p>
              {/* Always as high: a map that moved under the finger would be hit elsewhere. */}
              <p class="small map-help" aria-hidden="true">
                {chooser.refused === null ? (
                  <Looked seat={looked.value} />
                ) : (
                  <span class="error-line">{chooser.refused}</span>
                )}
              </p>
              {store.seats.value.length === 0 ? (
                <div class="waiting map-waiting">
                  <span class="sr-only">{m.seats.waiting}</span>
                </div>
              ) : (
                <SeatMap store={store} choice={chooser.choice} looked={looked} onPick={chooser.pick} />
              )}
            </div>
          )}
        </div>
        <ChoicePanel store={store} chooser={chooser} next={nextStep(id, flight, admission)} />
      </div>
    </div>
  );
}

/** Whoever is nobody yet logs in first, and comes back with all that was chosen. */
function nextStep(id: string, flight: Flight | null, admission: Admission): string | null {
  if (flight === null || flight.status === "DEPARTED" || flight.waitingRoom === "closed") return null;
  if (admission === "unknown") return null;
  const search = withParameters({ view: null }).replace(/^[^?]*/, "");
  if (admission === "line") return waitingRoomPath(id, search);
  const passengers = pathOf("passengers", id) + search;
  return member.value === null ? logInPath(passengers) : passengers;
}

interface SaleNoteProps {
  readonly flight: Flight;
  readonly store: SeatStore;
  /** How many want a seat. */
  readonly needed: number;
  readonly admission: Admission;
}

function SaleNote({ flight, store, needed, admission }: SaleNoteProps) {
  const m = words.seats;
  const { id, waitingRoom, origin, destination, departsLocal } = flight;
  store.version.value;
  const isTooFull = store.lacks(needed);
  const others = withParameters({ origin, destination, date: departsLocal.slice(0, 10) }, pathOf("results"));
  if (flight.status === "DEPARTED" || waitingRoom === "closed" || isTooFull) {
    const full = store.free === 0 ? m.soldOut : words.results.notEnough(store.free);
    const title = flight.status === "DEPARTED" ? m.departed : isTooFull ? full : m.roomClosed;
    return (
      <Note kind="warn" title={title}>
        {isTooFull && <p>{m.soldOutHint}</p>}
        <p>
          <a href={others}>{m.otherFlights}</a>
        </p>
      </Note>
    );
  }
  if (admission !== "line") return null;
  const search = address.value.replace(/^[^?]*/, "");
  return (
    <Note kind="info" title={m.roomTitle}>
      <p>{waitingRoom === "paused" ? m.roomPaused : m.roomText}</p>
      <p>
        <a class="button act" href={waitingRoomPath(id, search)}>
          {words.results.join}
        </a>
      </p>
    </Note>
  );
}

function LiveSign({ store }: { readonly store: SeatStore }) {
  const m = words.seats;
  const state = store.liveness.value;
  return (
    <span class={`live-sign ${state}`} role="status">
      {state === "live" && m.live}
      {state === "lost" && m.reconnecting}
    </span>
  );
}

/** What is known of the seat under the pointer: for those who see the map, because others hear its name. */
function Looked({ seat }: { readonly seat: Seat | null }) {
  if (seat === null) return <span class="soft">{words.seats.mapHelp}</span>;
  const [name, ...rest] = nameOf(seat, seat.state.value, null).split(", ");
  return (
    <span>
      <strong>{name}</strong> {rest.join(" · ")}
    </span>
  );
}

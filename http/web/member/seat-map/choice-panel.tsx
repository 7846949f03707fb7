/** Owns who has which seat, what it comes to, and the way on. */

import { useEffect, useRef } from "preact/hooks";
import { formatMoney } from "../../i18n/format.ts";
import { Icon } from "../parts/icon.tsx";
import { Note } from "../parts/note.tsx";
import { typesOf } from "../state/party.ts";
import { language, words } from "../state/words.ts";
import type { SeatStore } from "./seat-store.ts";
import { type Chooser, travellerName } from "./use-choice.ts";

export interface ChoicePanelProps {
  readonly store: SeatStore;
  readonly chooser: Chooser;
  /** Where the next step is; null while there is none. */
  readonly next: string | null;
}

export function ChoicePanel({ store, chooser, next }: ChoicePanelProps) {
  const m = words.seats;
  const { party, seats, active } = chooser;
  const types = typesOf(party);
  store.seats.value;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // On phones not all fit: whose turn it is, is seen.
    const item = list.current?.querySelector<HTMLElement>(".active");
    if (list.current && item) list.current.scrollLeft = item.offsetLeft - list.current.offsetLeft;
  }, [active]);
  return (
    <section class="card choice" aria-labelledby="choice-title">
      <h2 id="choice-title">{m.choice}</h2>
      <LostNote chooser={chooser} />
      <ul class="travellers" ref={list}>
        {types.map((type, at) => {
          const traveller = travellerName(party, at);
          const name = seats[at] ?? null;
          const seat = name === null ? undefined : store.find(name);
          if (type === "INF") {
            return (
              <li key={traveller}>
                <span class="who">
                  <span>{traveller}</span>
                  <span class="soft small">{m.onLap}</span>
                </span>
              </li>
            );
          }
          return (
            <li key={traveller} class={at === active ? "active" : undefined}>
              <button type="button" class="who" aria-pressed={at === active} onClick={() => chooser.activate(at)}>
                <span class="number" aria-hidden="true">
                  {at + 1}
                </span>
                <span>{traveller}</span>
                <span class={name === null ? "soft small" : "seat-chosen"}>
                  {name ?? (at === active ? "…" : m.noSeat)}
                </span>
              </button>
              {seat !== undefined && <span class="small">{formatMoney(language, seat.price)}</span>}
              {name !== null && (
                <button
                  type="button"
                  class="round small-round"
                  aria-label={m.remove(name)}
                  onClick={() => chooser.remove(at)}
                >
                  <Icon name="cross" />
                </button>
              )}
            </li>
          );
        })}
      </ul>
      <Proceed store={store} chooser={chooser} next={next} />
    </section>
  );
}

function Proceed({ store, chooser: { seats }, next }: ChoicePanelProps) {
  const m = words.seats;
  // What nobody can have has no price.
  if (store.lacks(seats.length)) return null;
  const isWhole = !seats.includes(null);
  const isNone = seats.every((seat) => seat === null);
  const all = store.seats.value;
  const chosen = seats.flatMap((name) => (name === null ? [] : (store.find(name) ?? [])));
  const fares = all.filter(({ state }) => state.value === "free").map(({ price }) => price.amount);
  const rest = (seats.length - chosen.length) * (fares.length === 0 ? 0 : Math.min(...fares));
  const amount = chosen.reduce((sum, { price }) => sum + price.amount, rest);
  const currency = all[0]?.price.currency ?? "KRW";
  return (
    <div class="proceed">
      <p class="total">
        <span>
          {isWhole ? m.total : m.totalFrom}
          <span class="soft small total-hint">{m.totalHint}</span>
        </span>
        <strong>{all.length === 0 ? "…" : formatMoney(language, { amount, currency })}</strong>
      </p>
      {next !== null && (
        <a class="button act" href={next}>
          {isNone ? m.proceedWithout : m.proceed}
          <Icon name="arrow" />
        </a>
      )}
      {!isWhole && <p class="small soft proceed-hint">{m.proceedHint}</p>}
    </div>
  );
}

/** Somebody was faster. It stands here and not over the map, which mustn't move under the finger. */
function LostNote({ chooser: { lost, replaceLost } }: { readonly chooser: Chooser }) {
  const m = words.seats;
  return (
    <div role="alert" class="stack">
      {lost.map((one) => (
        <Note key={one.seat.name} kind="warn" title={m.taken(one.seat.name)}>
          {one.instead.length > 0 && (
            <p class="cluster">
              {m.instead}
              {one.instead.map((seat) => (
                <button key={seat.name} type="button" class="button" onClick={() => replaceLost(one, seat)}>
                  {m.take(seat.name)}
                </button>
              ))}
            </p>
          )}
        </Note>
      ))}
    </div>
  );
}

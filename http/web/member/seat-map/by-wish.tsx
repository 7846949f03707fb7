/** Owns choosing seats without the picture: by wish, among proposals that follow what is free. */

import { useSignal } from "@preact/signals";
import { formatMoney } from "../../i18n/format.ts";
import { cabinClass } from "../../i18n/places.ts";
import { Icon } from "../parts/icon.tsx";
import { seatedCount } from "../state/party.ts";
import { language, words } from "../state/words.ts";
import { groupBy } from "./layout.ts";
import { featuresOf } from "./seat-name.ts";
import type { Seat, SeatStore } from "./seat-store.ts";
import { proposals, type Wishes } from "./suggest.ts";
import type { Chooser } from "./use-choice.ts";

export function ByWish({ store, chooser }: { readonly store: SeatStore; readonly chooser: Chooser }) {
  const wishes = useSignal<Wishes>({ cabin: null, place: "any", area: "any", together: true });
  const m = words;
  const seats = store.seats.value;
  // What is free follows the stream.
  store.version.value;
  const count = seatedCount(chooser.party);
  const hasChildren = chooser.party.children + chooser.party.infants > 0;
  const found = proposals(seats, count, wishes.value, ({ features }) => !hasChildren || !features.includes("EXIT"));
  const change = (changes: Partial<Wishes>): void => {
    wishes.value = { ...wishes.value, ...changes };
  };
  const cabins = groupBy(seats, ({ cabin }) => cabin);
  return (
    <div class="stack wide">
      <form class="wishes" aria-label={m.suggest.title} onSubmit={(event) => event.preventDefault()}>
        {cabins.length > 1 && (
          <Choices
            name="cabin"
            label={m.suggest.cabin}
            value={wishes.value.cabin ?? ""}
            options={[
              ["", m.suggest.anyCabin],
              ...cabins.map(([cabin]) => [cabin, m.cabins[cabinClass(cabin)]] as const),
            ]}
            onChange={(cabin) => change({ cabin: cabin === "" ? null : cabin })}
          />
        )}
        <Choices
          name="place"
          label={m.suggest.place}
          value={wishes.value.place}
          options={(["any", "window", "aisle"] as const).map((each) => [each, m.suggest.places[each]])}
          onChange={(place) => change({ place })}
        />
        <Choices
          name="area"
          label={m.suggest.area}
          value={wishes.value.area}
          options={(["any", "front", "middle", "back"] as const).map((each) => [each, m.suggest.areas[each]])}
          onChange={(area) => change({ area })}
        />
        {count > 1 && (
          <label class="check">
            <input
              type="checkbox"
              checked={wishes.value.together}
              onChange={(event) => change({ together: event.currentTarget.checked })}
            />
            {m.suggest.together}
          </label>
        )}
      </form>
      <section class="stack" aria-labelledby="proposals-title">
        <div role="status">
          <h2 id="proposals-title">{titleOf(seats.length > 0, found.length)}</h2>
        </div>
        <ul class="proposals">
          {found.map(({ seats: proposed, nearness }) => {
            const isTaken = proposed.every(({ name }, at) => chooser.seats[at] === name);
            const names = proposed.map(({ name }) => name).join(", ");
            return (
              <li key={names} class={isTaken ? "card proposal taken" : "card proposal"}>
                <p>
                  <strong>{names}</strong>
                  <span class="soft small">{describe(proposed, nearness)}</span>
                </p>
                <p class="amount">{formatMoney(language, sum(proposed))}</p>
                <button
                  type="button"
                  class={isTaken ? "button" : "button act"}
                  aria-pressed={isTaken}
                  aria-label={`${isTaken ? m.suggest.taken : m.suggest.take}: ${names}`}
                  onClick={() => chooser.takeAll(proposed)}
                >
                  {isTaken && <Icon name="check" />}
                  {isTaken ? m.suggest.taken : m.suggest.take}
                </button>
              </li>
            );
          })}
        </ul>
      </section>
    </div>
  );
}

function titleOf(isKnown: boolean, found: number): string {
  const m = words;
  if (!isKnown) return m.seats.waiting;
  return found === 0 ? m.suggest.none : m.suggest.found(found);
}

function describe(seats: readonly Seat[], nearness: string): string {
  const m = words;
  const near: Readonly<Record<string, string>> = {
    sideBySide: m.suggest.sideBySide,
    sameRow: m.suggest.sameRow,
    rowsBehind: m.suggest.rowsBehind,
    apart: m.suggest.apart,
  };
  const first = seats[0];
  if (first === undefined) return "";
  const places = seats.length === 1 ? featuresOf(first) : placesOf(seats);
  return [near[nearness], places, m.cabins[cabinClass(first.cabin)]].filter(Boolean).join(" · ");
}

/** Window and aisle, if any of them has it. */
function placesOf(seats: readonly Seat[]): string {
  const names = words.features;
  return ["WINDOW", "AISLE", "EXIT", "FRONT"]
    .filter((feature) => seats.some(({ features }) => features.includes(feature)))
    .map((feature) => names[feature])
    .join(", ");
}

function sum(seats: readonly Seat[]) {
  const amount = seats.reduce((total, { price }) => total + price.amount, 0);
  return { amount, currency: seats[0]?.price.currency ?? "KRW" };
}

interface ChoicesProps<Value extends string> {
  readonly name: string;
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, label: string])[];
  readonly onChange: (value: Value) => void;
}

function Choices<Value extends string>({ name, label, value, options, onChange }: ChoicesProps<Value>) {
  return (
    <fieldset class="choices">
      <legend class="label">{label}</legend>
      <div>
        {options.map(([each, text]) => (
          <label key={each} class="chip">
            <input type="radio" name={name} value={each} checked={each === value} onChange={() => onChange(each)} />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Owns which seats are chosen for whom: kept in the address, so that a reload and a shared link have it, and taken back when somebody else is faster. */

import { type ReadonlySignal, untracked, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { keptFromExits } from "../../../../actors/domain/exit-rows.ts";
import { say } from "../state/announce.ts";
import { type Party, partyIn, seatsIn, seatsParameter, typesOf } from "../state/party.ts";
import { goTo, query, withParameters } from "../state/router.ts";
import { words } from "../state/words.ts";
import { nearestFree } from "./near.ts";
import type { Choice } from "./seat-cell.tsx";
import type { Seat, SeatStore } from "./seat-store.ts";

export interface Lost {
  readonly seat: Seat;
  /** Whose seat it was: an index in the party. */
  readonly traveller: number;
  /** Free seats near it. */
  readonly instead: readonly Seat[];
}

export interface Chooser {
  readonly party: Party;
  /** By who sits, in the order of the party; null where none is chosen. */
  readonly seats: readonly (string | null)[];
  readonly choice: ReadonlySignal<Choice>;
  /** For whom the next seat is chosen. */
  readonly active: number;
  /** Chosen seats that are not free any more. */
  readonly lost: readonly Lost[];
  /** Why the last pick was refused, in words; null if it wasn't. */
  readonly refused: string | null;
  readonly activate: (traveller: number) => void;
  readonly pick: (seat: Seat) => void;
  readonly remove: (traveller: number) => void;
  /** All at once, in the order of the party. */
  readonly takeAll: (seats: readonly Seat[]) => void;
  readonly replaceLost: (lost: Lost, seat: Seat) => void;
}

const INSTEAD_MAX = 4;

export function useChoice(store: SeatStore): Chooser {
  const party = partyIn(query.value);
  const seats = seatsIn(query.value, party);
  const types = typesOf(party);
  const wanted = useSignal<number | null>(null);
  const lost = useSignal<readonly Lost[]>([]);
  const refused = useSignal<string | null>(null);
  const m = words.seats;

  const nameOfTraveller = (at: number): string => travellerName(party, at);
  const choice = useComputed<Choice>(() => {
    const its = partyIn(query.value);
    const named = seatsIn(query.value, its);
    return new Map(
      named.flatMap((seat, at) =>
        seat === null ? [] : [[seat, { number: at + 1, traveller: travellerName(its, at) }] as const],
      ),
    );
  });
  const active = wanted.value ?? activeOf(seats);

  // Two picks may come before the page is drawn anew: they begin from what is, not from what was drawn.
  const seatsNow = (): readonly (string | null)[] => seatsIn(query.peek(), party);
  const activeNow = (): number => wanted.peek() ?? activeOf(seatsNow());
  const keep = (next: readonly (string | null)[]): void => {
    goTo(withParameters({ seats: seatsParameter(next) }), { replace: true, stay: true });
  };
  const kept = keptFromExits(types.map((type) => ({ type })));
  const mayHave = (traveller: number, { features }: Seat): boolean =>
    kept[traveller] !== true || !features.includes("EXIT");
  const give = (traveller: number, seat: Seat): void => {
    keep(seatsNow().map((before, at) => (at === traveller ? seat.name : before)));
    say(m.chosen(seat.name, nameOfTraveller(traveller)));
    wanted.value = null;
    refused.value = null;
    lost.value = lost.peek().filter((one) => one.traveller !== traveller);
  };
  const remove = (traveller: number): void => {
    const before = seatsNow();
    const name = before[traveller];
    keep(before.map((seat, at) => (at === traveller ? null : seat)));
    if (name !== null && name !== undefined) say(m.given(name));
    wanted.value = traveller;
    refused.value = null;
  };

  const refuse = (why: string): void => {
    refused.value = why;
    say(why);
  };

  // Whoever is faster, also while this page was elsewhere: what is not free any more is not chosen any more.
  useSignalEffect(() => {
    store.version.value;
    if (store.seats.value.length === 0) return;
    untracked(() => {
      if (lost.value.length > 0) lost.value = stillLost(lost.value);
      const before = seatsNow();
      const rest = before.filter((name) => name !== null && store.find(name)?.state.value === "free");
      if (rest.length === before.filter((name) => name !== null).length) return;
      keep(before.map((name) => (rest.includes(name) ? name : null)));
      wanted.value = null;
      const gone = before.flatMap((name, traveller): readonly Lost[] => {
        const seat = name === null || rest.includes(name) ? undefined : store.find(name);
        if (seat === undefined) return [];
        const isWanted = (each: Seat): boolean => !rest.includes(each.name) && mayHave(traveller, each);
        return [{ seat, traveller, instead: nearestFree(store.seats.value, seat, isWanted, INSTEAD_MAX) }];
      });
      lost.value = [...lost.value.filter((one) => !gone.some(({ traveller }) => traveller === one.traveller)), ...gone];
    });
  });

  return {
    party,
    seats,
    choice,
    active,
    lost: lost.value,
    refused: refused.value,
    activate: (traveller) => {
      wanted.value = traveller;
    },
    pick: (seat) => {
      const holder = seatsNow().indexOf(seat.name);
      if (holder !== -1) {
        remove(holder);
        return;
      }
      const isFree = seat.state.peek() === "free";
      if (isFree && mayHave(activeNow(), seat)) {
        give(activeNow(), seat);
        return;
      }
      refuse(isFree ? m.childExit(seat.name) : m.notFree(seat.name));
    },
    remove,
    takeAll: (all) => {
      keep(seatsNow().map((_, at) => all[at]?.name ?? null));
      say(all.map((seat, at) => m.chosen(seat.name, nameOfTraveller(at))).join(". "));
      wanted.value = null;
      lost.value = [];
      refused.value = null;
    },
    replaceLost: ({ traveller }, seat) => {
      // Between the offer and the finger somebody may have been faster once more.
      if (seat.state.peek() === "free") give(traveller, seat);
      else refuse(m.notFree(seat.name));
    },
  };
}

/** What has come back is to be had on the map again, and what has gone since is not offered any more. */
function stillLost(all: readonly Lost[]): readonly Lost[] {
  const isFree = ({ state }: Seat): boolean => state.peek() === "free";
  return all
    .filter(({ seat }) => !isFree(seat))
    .map((one) => ({ ...one, instead: one.instead.filter((seat) => isFree(seat)) }));
}

/** The first who has none, or the last. */
function activeOf(seats: readonly (string | null)[]): number {
  const first = seats.indexOf(null);
  return first === -1 ? seats.length - 1 : first;
}

/** `Adult 2`: by kind, and counted within it. */
export function travellerName(party: Party, at: number): string {
  const types = typesOf(party);
  const type = types[at] ?? "ADT";
  return words.seats.traveller(type, types.slice(0, at + 1).filter((each) => each === type).length);
}

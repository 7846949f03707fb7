/** Owns how a party that no single row can take is seated near each other, children beside adults first. */

import { assert } from "../assert.ts";
import { Offers } from "./seat-offer.ts";
import type { Need, PartySeats } from "./seat-party.ts";
import { RowChoice } from "./seat-row-choice.ts";
import { beside, countOf, type SeatRow } from "./seat-rows.ts";

/** The party with all who are needed seated in the cabin, in few rows, near to those of it who sit there already; null if they can't be. */
export function seatNear(party: PartySeats, cabin: number, need: Need): PartySeats | null {
  const withOwnChildren = seatAround(party, cabin, need, true);
  if (party.loneliness() === 0) return withOwnChildren;
  // A named child sits alone so far, but an adult can be of more use beside other children.
  const withOthers = seatAround(party, cabin, need, false);
  if (withOwnChildren === null || withOthers === null) return withOwnChildren ?? withOthers;
  return withOthers.loneliness() < withOwnChildren.loneliness() ? withOthers : withOwnChildren;
}

function seatAround(before: PartySeats, cabin: number, need: Need, isOwnChildrenFirst: boolean): PartySeats | null {
  const party = before.copy();
  const own = party.rowsIn(cabin);
  const { adults, children } = seatBesideOwn(party, own, need, isOwnChildrenFirst);
  const offers = new Offers(party, party.rows.byCabin[cabin] ?? []);
  const search = (grouped: number): readonly SeatRow[] | null => {
    const isEnough = (): boolean => offers.isEnough(adults, children, grouped);
    return own.length > 0 ? nearest(offers, own, isEnough) : narrowest(offers, adults + children, isEnough);
  };
  let grouped = party.hasAdult ? Math.min(children, 2 * adults) : 0;
  let near = search(grouped);
  if (near === null) {
    grouped = offers.mostGrouped(adults, children);
    offers.clear();
    near = search(grouped);
  }
  if (near === null) return null;

  let left: Need = { adults, children };
  const { triples, pairs } = offers.groupsFor(adults, children, grouped) ?? { triples: 0, pairs: 0 };
  for (let group = 0; group < triples + pairs; group++) {
    const size = group < triples ? 2 : 1;
    if (seatGroup(party, near, size)) left = { adults: left.adults - 1, children: left.children - size };
  }
  fill(party, near, { adults: 0, children: left.children });
  fill(party, near, { adults: left.adults, children: 0 });
  return party;
}

/** Children next to adults who have their seats, and adults next to children who have theirs, as far as seats are free. */
function seatBesideOwn(party: PartySeats, own: readonly SeatRow[], need: Need, isOwnChildrenFirst: boolean): Need {
  let { adults, children } = need;
  for (const row of own) {
    // Ends: each round seats one, and the row has only so many free seats.
    for (;;) {
      const free = party.freeIn(row);
      const seated = party.in(row);
      const alone = seated.children & ~beside(seated.children, seated.adults, row.all);
      const forAdult = isOwnChildrenFirst && adults > 0 ? beside(free, alone, row.all) : 0;
      const forChild = children > 0 ? beside(free, seated.adults, row.all) & ~row.exits : 0;
      if ((forAdult | forChild) === 0) break;
      const one = forAdult !== 0 ? { adults: 1, children: 0 } : { adults: 0, children: 1 };
      const choice = new RowChoice(party, one);
      choice.consider(row, free, forAdult !== 0 ? forAdult : forChild);
      choice.settle();
      adults -= one.adults;
      children -= one.children;
    }
  }
  return { adults, children };
}

/** The rows around the party's own, as few as are enough. They stay counted in; all do when the cabin is not enough. */
function nearest(offers: Offers, own: readonly SeatRow[], isEnough: () => boolean): readonly SeatRow[] | null {
  const { rows } = offers;
  const near: SeatRow[] = [];
  const isNear = new Uint8Array(rows.length);
  const ownAt = own.map((row) => rows.indexOf(row));
  for (let distance = 0; distance < rows.length && !isEnough(); distance++) {
    for (const at of ownAt.flatMap((place) => [place - distance, place + distance])) {
      const row = rows[at];
      if (row === undefined || isNear[at] === 1) continue;
      isNear[at] = 1;
      near.push(row);
      offers.add(at);
    }
  }
  return isEnough() ? near : null;
}

/** The fewest rows on end that are enough, the foremost of equal ones. They stay counted in; all do when the cabin is not enough. */
function narrowest(offers: Offers, count: number, isEnough: () => boolean): readonly SeatRow[] | null {
  const { rows } = offers;
  // One row alone was not enough; so many rows can't be outdone.
  const fewest = Math.max(2, Math.ceil(count / (rows[0]?.seats.length ?? 1)));
  let best: { readonly from: number; readonly to: number } | null = null;
  let from = 0;
  for (let to = 0; to < rows.length && !(best !== null && best.to - best.from < fewest); to++) {
    offers.add(to);
    for (; isEnough(); from++) {
      if (best === null || to - from < best.to - best.from) best = { from, to };
      offers.drop(from);
    }
  }
  if (best === null) return null;
  offers.clear();
  for (let at = best.from; at <= best.to; at++) offers.add(at);
  return rows.slice(best.from, best.to + 1);
}

/** Seats an adult and one or two children side by side. False if there is no such place. */
function seatGroup(party: PartySeats, near: readonly SeatRow[], children: number): boolean {
  const choice = new RowChoice(party, { adults: 1, children });
  for (const row of near) {
    const free = party.freeIn(row);
    const usable = free & ~row.exits;
    // Each bit starts a run of as many seats as the group has.
    let starts = usable & (usable >> 1);
    if (children === 2) starts &= starts >> 1;
    for (; starts !== 0; starts &= starts - 1) {
      const start = starts & -starts;
      choice.consider(row, free, children === 2 ? start | (start << 1) | (start << 2) : start | (start << 1));
    }
  }
  return choice.settle();
}

/** Seats adults or children, as many in a row as possible; one by one while children need somebody. The rows have seats for all. */
function fill(party: PartySeats, near: readonly SeatRow[], { adults, children }: Need): void {
  for (let left = adults + children; left > 0; ) {
    let size = 0;
    for (const row of near) {
      const free = party.freeIn(row);
      size = Math.max(size, countOf(children > 0 ? free & ~row.exits : free));
    }
    assert(size > 0, "the rows that were enough have seats for all");
    size = children > 0 || party.loneliness() > 0 ? 1 : Math.min(size, left);
    const choice = new RowChoice(party, { adults: adults > 0 ? size : 0, children: children > 0 ? size : 0 });
    for (const row of near) choice.consider(row, party.freeIn(row));
    choice.settle();
    left -= size;
  }
}

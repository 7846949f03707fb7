/** Owns which free seats are offered in place of taken ones. */

import type { SeatId } from "./ids.ts";
import { firstOf, type SeatRow, seatRows } from "./seat-rows.ts";
import type { FlightState } from "./state.ts";

/** How many seats are offered in place of taken ones. */
export const ALTERNATIVES_MAX = 6;

/** Rows are about twice as far apart as seats in a row. */
const ROW_DISTANCE = 2;

/** How many answers are kept for a flight until one of its seats becomes free. */
const ANSWERS_MAX = 256;

/** What may not be offered. */
export interface Unfit {
  /** Seats that the party has named besides. */
  readonly named: readonly SeatId[];
  /** Whether it is for somebody who may not sit at an exit. */
  readonly exits: boolean;
}

const NOTHING: Unfit = { named: [], exits: false };

interface Nearby {
  /** Indices into the seat plan, and their names. */
  readonly seats: readonly number[];
  readonly names: readonly SeatId[];
}

interface Known {
  /** {@link FlightState.timesFreed} when they were given. */
  timesFreed: number;
  /** By the question. All who are told the same share it, as long as their refusals are remembered. */
  byQuestion: Map<string, Nearby>;
}

/** Answers that were given: on a hot flight thousands ask for the same few seats. */
const knownByFlight = new WeakMap<FlightState, Known>();

/**
 * Free seats near to those that were asked for, the nearest first: in their cabins, or in the others when nothing is free there.
 * @param taken seats of the plan, one or more
 * @returns up to {@link ALTERNATIVES_MAX} seats, each of them free in this state
 */
export function nearestFree(state: FlightState, taken: readonly SeatId[], unfit = NOTHING): readonly SeatId[] {
  const { byQuestion } = knownOf(state);
  const question = `${taken.join(" ")}/${unfit.named.join(" ")}/${unfit.exits}`;
  const known = byQuestion.get(question);
  if (known?.seats.every((seat) => state.isFree(seat))) return known.names;
  const seats = lookAround(state, taken, unfit);
  const names = seats.map((seat) => state.plan.seatPlan.at(seat).seat);
  byQuestion.set(question, { seats, names });
  return names;
}

/** What was the nearest stays it as long as it is free itself and no other seat has become free. */
function knownOf(state: FlightState): Known {
  const { timesFreed } = state;
  let known = knownByFlight.get(state);
  if (known === undefined) {
    known = { timesFreed, byQuestion: new Map() };
    knownByFlight.set(state, known);
  }
  if (known.timesFreed !== timesFreed || known.byQuestion.size >= ANSWERS_MAX) {
    known.timesFreed = timesFreed;
    known.byQuestion = new Map();
  }
  return known;
}

function lookAround(state: FlightState, taken: readonly SeatId[], unfit: Unfit): readonly number[] {
  const { seatPlan } = state.plan;
  const asked = taken.flatMap((seat) => seatPlan.indexOf(seat) ?? []);
  const isAsked = seatPlan.cabins.map((_, cabin) => asked.some((seat) => seatPlan.cabinIndex[seat] === cabin));
  const fitIn = fitSeats(state, unfit);
  for (const isOwn of [true, false]) {
    let free = 0;
    for (const [cabin, asks] of isAsked.entries()) if (asks === isOwn) free += state.freeByCabin[cabin] ?? 0;
    if (free === 0) continue;
    const nearest = new Nearest(Math.min(free, ALTERNATIVES_MAX));
    search(state, asked, (cabin) => isAsked[cabin] === isOwn, fitIn, nearest);
    if (nearest.seats.length > 0) return nearest.seats;
  }
  return [];
}

/** Of a row the free seats that may be offered, as a mask. */
function fitSeats(state: FlightState, { named, exits }: Unfit): (row: SeatRow) => number {
  const { seatPlan } = state.plan;
  const { rowOfSeat, columnOfSeat } = seatRows(seatPlan);
  const taken = new Map<number, number>();
  for (const seat of named.flatMap((name) => seatPlan.indexOf(name) ?? [])) {
    const order = rowOfSeat[seat] ?? 0;
    taken.set(order, (taken.get(order) ?? 0) | (1 << (columnOfSeat[seat] ?? 0)));
  }
  return ({ order, exits: atExits }) => state.freeInRow(order) & ~(taken.get(order) ?? 0) & (exits ? ~atExits : ~0);
}

/**
 * Looks at the rows outwards from those asked for, until no farther one can hold anything nearer. Late in a sale most rows are full: to pass
 * one costs nothing but a look at its mask.
 */
function search(
  state: FlightState,
  asked: readonly number[],
  isWanted: (cabin: number) => boolean,
  fitIn: (row: SeatRow) => number,
  nearest: Nearest,
): void {
  const { all, rowOfSeat } = seatRows(state.plan.seatPlan);
  const orders = asked.map((seat) => rowOfSeat[seat] ?? 0);
  const look = (looked: number, at: number, away: number): void => {
    const row = all[looked];
    if (row === undefined || !isWanted(row.cabin) || isSeen(orders, looked, at, away)) return;
    offerAll(state, row, fitIn(row), asked, nearest);
  };
  for (let away = 0; away < all.length && !nearest.isWithin(away * ROW_DISTANCE); away++) {
    for (let at = 0; at < orders.length; at++) {
      const order = orders[at] ?? 0;
      if (state.freeInRow(order - away) !== 0) look(order - away, at, away);
      if (away > 0 && state.freeInRow(order + away) !== 0) look(order + away, at, away);
    }
  }
}

/** Whether the row was looked at from another of the orders already: from a nearer one, or from one before that is as near. */
function isSeen(orders: readonly number[], looked: number, at: number, away: number): boolean {
  return orders.some((other, otherAt) => {
    const otherAway = Math.abs(other - looked);
    return otherAway < away || (otherAway === away && otherAt < at);
  });
}

function offerAll(state: FlightState, row: SeatRow, fit: number, asked: readonly number[], nearest: Nearest): void {
  const { rowOfSeat, columnOfSeat } = seatRows(state.plan.seatPlan);
  for (let rest = fit; rest !== 0; rest &= rest - 1) {
    const column = firstOf(rest);
    let distance = Number.POSITIVE_INFINITY;
    for (const seat of asked) {
      const rowsAway = Math.abs((rowOfSeat[seat] ?? 0) - row.order) * ROW_DISTANCE;
      distance = Math.min(distance, rowsAway + Math.abs((columnOfSeat[seat] ?? 0) - column));
    }
    nearest.offer(row.seats[column] ?? -1, distance);
  }
}

/** The nearest seats so far, nearest first; of equally near ones, those that were found first. */
class Nearest {
  readonly seats: number[] = [];
  readonly #distances: number[] = [];
  readonly #wanted: number;

  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  /** Whether as many as wanted are found, none of them farther than that. */
  isWithin(distance: number): boolean {
    return this.seats.length === this.#wanted && (this.#distances[this.#wanted - 1] ?? 0) <= distance;
  }

  offer(seat: number, distance: number): void {
    const distances = this.#distances;
    let at = distances.length;
    if (at === this.#wanted && distance >= (distances[at - 1] ?? 0)) return;
    if (at === this.#wanted) at -= 1;
    for (; at > 0 && (distances[at - 1] ?? 0) > distance; at--) {
      distances[at] = distances[at - 1] ?? 0;
      this.seats[at] = this.seats[at - 1] ?? -1;
    }
    distances[at] = distance;
    this.seats[at] = seat;
  }
}

/** Owns which free seats are offered in place of taken ones. */

import type { SeatId } from "./ids.ts";
import { firstOf, seatRows } from "./seat-rows.ts";
import type { FlightState } from "./state.ts";

/** How many seats are offered in place of taken ones. */
export const ALTERNATIVES_MAX = 6;

/** Rows are about twice as far apart as seats in a row. */
const ROW_DISTANCE = 2;

/** How many answers are kept for a flight until one of its seats changes. */
const ANSWERS_MAX = 256;

/** The answers given since a flight's seats changed last: on a hot flight thousands ask for the same few. */
const answersByFlight = new WeakMap<FlightState, { seatVersion: number; readonly answers: Map<string, SeatId[]> }>();

/**
 * Free seats near to those that were asked for, the nearest first: in their cabins, or in the others when nothing is free there.
 * @param taken seats of the plan, one or more
 * @returns up to {@link ALTERNATIVES_MAX} seats, each of them free in this state
 */
export function nearestFree(state: FlightState, taken: readonly SeatId[]): readonly SeatId[] {
  const { seatVersion } = state;
  let known = answersByFlight.get(state);
  if (known === undefined) {
    known = { seatVersion, answers: new Map() };
    answersByFlight.set(state, known);
  }
  if (known.seatVersion !== seatVersion || known.answers.size >= ANSWERS_MAX) {
    known.seatVersion = seatVersion;
    known.answers.clear();
  }
  const question = taken.length === 1 ? (taken[0] ?? "") : taken.join(" ");
  const answered = known.answers.get(question);
  if (answered !== undefined) return answered;
  const answer = lookAround(state, taken);
  known.answers.set(question, answer);
  return answer;
}

function lookAround(state: FlightState, taken: readonly SeatId[]): SeatId[] {
  const { seatPlan } = state.plan;
  const asked = taken.flatMap((seat) => seatPlan.indexOf(seat) ?? []);
  const isAsked = seatPlan.cabins.map((_, cabin) => asked.some((seat) => seatPlan.cabinIndex[seat] === cabin));
  for (const isOwn of [true, false]) {
    let free = 0;
    for (const [cabin, asks] of isAsked.entries()) if (asks === isOwn) free += state.freeByCabin[cabin] ?? 0;
    if (free === 0) continue;
    const nearest = new Nearest(Math.min(free, ALTERNATIVES_MAX));
    search(state, asked, (cabin) => isAsked[cabin] === isOwn, nearest);
    return nearest.seats.map((seat) => seatPlan.at(seat).seat);
  }
  return [];
}

/** Looks at the rows outwards from those asked for, until no farther one can hold anything nearer. */
function search(
  state: FlightState,
  asked: readonly number[],
  isWanted: (cabin: number) => boolean,
  nearest: Nearest,
): void {
  const { all, rowOfSeat, columnOfSeat } = seatRows(state.plan.seatPlan);
  const orders = asked.map((seat) => rowOfSeat[seat] ?? 0);
  for (let away = 0; away < all.length && !nearest.isWithin(away * ROW_DISTANCE); away++) {
    for (const [at, order] of orders.entries()) {
      for (const looked of away === 0 ? [order] : [order - away, order + away]) {
        const row = all[looked];
        if (row === undefined || state.freeInRow(looked) === 0 || !isWanted(row.cabin)) continue;
        const isSeen = orders.some((other, otherAt) => {
          const otherAway = Math.abs(other - looked);
          return otherAway < away || (otherAway === away && otherAt < at);
        });
        if (isSeen) continue;
        for (let rest = state.freeInRow(looked); rest !== 0; rest &= rest - 1) {
          const column = firstOf(rest);
          let distance = Number.POSITIVE_INFINITY;
          for (const seat of asked) {
            const rowsAway = Math.abs((rowOfSeat[seat] ?? 0) - looked) * ROW_DISTANCE;
            distance = Math.min(distance, rowsAway + Math.abs((columnOfSeat[seat] ?? 0) - column));
          }
          nearest.offer(row.seats[column] ?? -1, distance);
        }
      }
    }
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

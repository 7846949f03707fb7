/** Owns what an import says: what is wrong with a file, line by line, and what became of a good one. */

import type { Airports } from "../catalogue/airports.ts";
import type { PlannedFlight } from "../catalogue/planned-flight.ts";
import type { Published } from "../stores/flight-publisher.ts";
import { isoDateOf, MS_PER_DAY } from "./calendar.ts";
import type { Reading } from "./read.ts";
import type { Schedule } from "./schedule.ts";

/** Airports without a name are listed up to this many. */
const UNNAMED_LISTED_MAX = 20;

/** The first and the last flight to leave. */
export class Departures {
  #first: PlannedFlight | null = null;
  #last: PlannedFlight | null = null;

  get first(): PlannedFlight | null {
    return this.#first;
  }

  get last(): PlannedFlight | null {
    return this.#last;
  }

  /** Hands the flights on and notes what passes. */
  *watch(flights: Iterable<PlannedFlight>): Generator<PlannedFlight> {
    for (const flight of flights) {
      if (this.#first === null || flight.departsAtMs < this.#first.departsAtMs) this.#first = flight;
      if (this.#last === null || flight.departsAtMs > this.#last.departsAtMs) this.#last = flight;
      yield flight;
    }
  }
}

/** `FILE:LINE: field: reason`, which editors and terminals know how to open. */
export function problemLines(file: string, { problems, more }: Extract<Reading, { ok: false }>): readonly string[] {
  const lines = problems.map(({ line, field, reason }) => `${file}:${line}: ${field}: ${reason}`);
  if (more > 0) lines.push(`${file}: and ${count(more, "more problem")}`);
  lines.push(`${file}: nothing of it was taken`);
  return lines;
}

export interface Outcome {
  readonly shiftDays: number;
  readonly departures: Departures;
  readonly published: Published;
}

export function summaryLines(file: string, schedule: Schedule, outcome: Outcome): readonly string[] {
  const { added, unchanged, differing } = outcome.published;
  return [
    `${file}: ${count(schedule.records, "record")}, ${count(schedule.legs.length, "leg")} on sale, ${count(schedule.flights, "flight")}${span(outcome)}`,
    `${added} added, ${unchanged} unchanged, ${differing.count} differing`,
    ...notSoldLines(schedule),
    ...differenceLines(differing),
  ];
}

function span({ departures: { first, last }, shiftDays }: Outcome): string {
  if (first === null || last === null) return "";
  const weeks = Math.abs(shiftDays) / 7;
  const moved = shiftDays === 0 ? "" : `, moved ${count(weeks, "week")} ${shiftDays > 0 ? "on" : "back"}`;
  return `, leaving from ${first.departsLocal} to ${last.departsLocal}${moved}`;
}

function notSoldLines({ notSold: { codeshares, byServiceType } }: Schedule): readonly string[] {
  const reasons = Object.entries(byServiceType).map(([type, legs]) => `${legs} of service type ${type}`);
  if (codeshares > 0) reasons.unshift(`${codeshares} operated by another airline`);
  return reasons.length === 0 ? [] : [`legs not on sale: ${reasons.join(", ")}`];
}

function differenceLines({ count: total, withReservations, listed }: Published["differing"]): readonly string[] {
  if (total === 0) return [];
  const lines = listed.map(
    ({ id, what, hasReservations }) => `  ${id}: ${what.join(", ")}${hasReservations ? " (has reservations)" : ""}`,
  );
  if (total > listed.length) lines.push(`  and ${total - listed.length} more`);
  return [`on sale otherwise than in the file, and left so (${withReservations} with reservations):`, ...lines];
}

/** Airports of the file that have no name to show. */
export function unnamedLines({ legs }: Schedule, airports: Airports): readonly string[] {
  const codes = new Set(legs.flatMap(({ origin, destination }) => [origin, destination]));
  const unnamed = [...codes].filter((code) => airports.find(code) === undefined);
  if (unnamed.length === 0) return [];
  const listed = unnamed.slice(0, UNNAMED_LISTED_MAX).join(" ");
  const more = unnamed.length > UNNAMED_LISTED_MAX ? ` and ${unnamed.length - UNNAMED_LISTED_MAX} more` : "";
  return [`airports with no known name, shown by their codes: ${listed}${more}`];
}

/** A word to whoever tries an old file. */
export function departedLines({ last }: Departures, nowMs: number): readonly string[] {
  if (last === null || last.departsAtMs > nowMs) return [];
  const tomorrow = isoDateOf(Math.floor(nowMs / MS_PER_DAY) + 1);
  return [`All of these flights have left, and none can be sold; --start ${tomorrow} moves the season.`];
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

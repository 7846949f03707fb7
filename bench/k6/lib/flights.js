/** Owns how scripts find something to sell. */

import { fail } from "k6";
import { ask, bodyOf } from "./api.js";
import { FLIGHT } from "./settings.js";

const DAY_MS = 86_400_000;

/** The day after tomorrow, which is after today in every time zone. */
export function soon() {
  return new Date(Date.now() + 2 * DAY_MS).toISOString().slice(0, 10);
}

/** The flight that was named, or the first that isn't about to leave. */
export function flightId() {
  if (FLIGHT !== "") return FLIGHT;
  const [first] = bodyOf(ask("GET", `/api/v1/flights?size=1&from=${soon()}`, "search")).items ?? [];
  return first === undefined ? fail("there is no flight to sell") : String(first.id);
}

/**
 * @param {string} flight
 * @returns {string[]} the names of its free seats
 */
export function freeSeats(flight) {
  /** @type {{ seat: string, state: string }[]} */
  const seats = bodyOf(ask("GET", `/api/v1/flights/${flight}/seats`, "seats")).seats ?? [];
  return seats.filter(({ state }) => state === "free").map(({ seat }) => seat);
}

/** The load of people who look at one flight's seats, and again with what they know. `k6 run bench/k6/seat-map.js` */

import { check } from "k6";
import { ask, bodyOf } from "./lib/api.js";
import { flightId } from "./lib/flights.js";
import { openLoop } from "./lib/open-loop.js";
import { RATE } from "./lib/settings.js";

const NAME = "seats";
const STATES = ["free", "held", "sold", "blocked"];

export const options = {
  scenarios: { look: openLoop(RATE) },
  thresholds: {
    checks: ["rate==1"],
    http_req_failed: ["rate<0.001"],
    [`http_req_duration{name:${NAME}}`]: ["p(95)<100", "p(99)<300"],
    dropped_iterations: ["count==0"],
  },
};

export function setup() {
  return { flight: flightId() };
}

/** @param {{ flight: string }} data */
export default function look({ flight }) {
  const path = `/api/v1/flights/${flight}/seats`;
  const seen = ask("GET", path, NAME);
  const map = bodyOf(seen);
  /** @type {{ seat: string, cabin: string, state: string, price: { amount: number } }[]} */
  const seats = map.seats ?? [];
  const etag = seen.headers.Etag ?? "";
  check(seen, {
    "seats: 200": ({ status }) => status === 200,
    "seats: of the flight, at a version": () => map.flightId === flight && Number.isInteger(map.version),
    "seats: each once": () => seats.length > 0 && new Set(seats.map(({ seat }) => seat)).size === seats.length,
    "seats: each with a state and a price": () =>
      seats.every(({ state, price }) => STATES.includes(state) && Number.isInteger(price.amount)),
    "seats: tagged": () => etag !== "",
  });
  const again = ask("GET", path, NAME, { headers: { "If-None-Match": etag } });
  check(again, {
    "seats again: 304, or a later version": (response) =>
      response.status === 304 || (response.status === 200 && bodyOf(response).version > map.version),
  });
}

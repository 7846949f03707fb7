/** The sale of one hot flight: everybody wants one of its seats, and some ask twice. `k6 run -e MEMBERS=200 bench/k6/hot-flight.js` */

import { check, fail } from "k6";
import { Counter } from "k6/metrics";
import { anyOf, ask, bodyOf, unique } from "./lib/api.js";
import { flightId, freeSeats } from "./lib/flights.js";
import { hold } from "./lib/holds.js";
import { membersNeeded, signUpMany, tokenOf } from "./lib/members.js";
import { openLoop } from "./lib/open-loop.js";
import { ASKED_AGAIN, DURATION, MEMBERS, RATE } from "./lib/settings.js";

const NAME = "hold";

/** What a client may be told that did nothing wrong. */
const REFUSALS = ["SEAT_TAKEN", "SOLD_OUT", "LIMIT_EXCEEDED"];

const held = new Counter("seats_held");
const refused = new Counter("seats_refused");

export const options = {
  setupTimeout: "15m",
  scenarios: { sale: openLoop(RATE) },
  thresholds: {
    checks: ["rate==1"],
    http_req_failed: ["rate<0.001"],
    [`http_req_duration{name:${NAME}}`]: ["p(95)<150", "p(99)<500"],
    seats_held: ["count>0"],
    dropped_iterations: ["count==0"],
  },
};

/** @typedef {{ flight: string, seats: string[], members: import("./lib/members.js").Member[] }} Sale */

/** @returns {Sale} */
export function setup() {
  const needed = membersNeeded(RATE, DURATION);
  if (MEMBERS < needed) fail(`MEMBERS must be at least ${needed} for this RATE and DURATION`);
  const flight = flightId();
  const seats = freeSeats(flight);
  if (seats.length === 0) fail(`flight ${flight} has no free seat`);
  return { flight, seats, members: signUpMany(MEMBERS) };
}

/** @param {Sale} data */
export default function buy({ flight, seats, members }) {
  const seat = anyOf(seats);
  const wish = { flight, token: tokenOf(anyOf(members) ?? fail("there are no members")), seat, key: unique() };
  const response = hold(wish);
  const body = bodyOf(response);
  check(response, {
    "hold: held or refused": ({ status }) => status === 201 || (status === 409 && REFUSALS.includes(body.code)),
    "hold: the seat that was asked for": ({ status }) =>
      status === 201 ? body.status === "HELD" && body.passengers?.[0]?.seat === seat : body.code !== undefined,
  });
  if (response.status === 201) held.add(1);
  if (response.status === 409) refused.add(1);
  if (Math.random() >= ASKED_AGAIN) return;
  const again = hold(wish);
  check(again, {
    "the same key: the same answer": ({ status, body: text }) => status === response.status && text === response.body,
    "the same key: says that it is a replay": ({ headers }) => headers["Idempotency-Replayed"] === "true",
  });
}

/** @param {Sale} data */
export function teardown({ flight, seats }) {
  const seen = ask("GET", `/api/v1/flights/${flight}/seats`, "seats");
  /** @type {{ state: string }[]} */
  const left = bodyOf(seen).seats ?? [];
  check(seen, {
    "after the sale: 200, every seat is still there": ({ status }) => status === 200 && left.length >= seats.length,
    "after the sale: some seats are gone": () => left.filter(({ state }) => state === "free").length < seats.length,
  });
}

/**
 * The flood of a waiting room: everybody joins at once, asks how the line is as often as the server says, goes in when called, and holds
 * a seat. `k6 run -e MEMBERS=1000 -e ADMIN_EMAIL=… -e ADMIN_PASSWORD=… bench/k6/waiting-room.js`
 */

import { check, fail, sleep } from "k6";
import exec from "k6/execution";
import { Counter, Trend } from "k6/metrics";
import { ask, bodyOf } from "./lib/api.js";
import { flightId } from "./lib/flights.js";
import { hold } from "./lib/holds.js";
import { logIn, signUpMany, tokenOf } from "./lib/members.js";
import { ADMIN_EMAIL, ADMIN_PASSWORD, ADMIT_PER_MINUTE, MEMBERS, OPENS_IN_S, PATIENCE_S } from "./lib/settings.js";

const JOIN = "join";
const STATUS = "status";
const PASS = "pass";
const OPERATE = "operate";

/** The longest that anybody sleeps at once, in milliseconds, whatever a broken server says. */
const PAUSE_MS_MAX = 60_000;

const admitted = new Counter("admitted");
const held = new Counter("seats_held");
const lateSeats = new Counter("seats_gone");
const waitedMs = new Trend("waited", true);

export const options = {
  setupTimeout: "60m",
  scenarios: {
    flood: { executor: "per-vu-iterations", vus: MEMBERS, iterations: 1, maxDuration: `${PATIENCE_S + 60}s` },
  },
  thresholds: {
    checks: ["rate==1"],
    http_req_failed: ["rate<0.001"],
    [`http_req_duration{name:${JOIN}}`]: ["p(95)<500", "p(99)<1500"],
    [`http_req_duration{name:${STATUS}}`]: ["p(95)<100", "p(99)<300"],
    admitted: ["count>0"],
  },
};

/** @typedef {{ flight: string, room: string, members: import("./lib/members.js").Member[] }} Flood */

/** @returns {Flood} */
export function setup() {
  const flight = flightId();
  const room = `/api/v1/flights/${flight}/waiting-room`;
  const members = signUpMany(MEMBERS);
  const opensAt = new Date(Date.now() + OPENS_IN_S * 1_000).toISOString();
  const rules = { mode: "on", admitPerMinute: ADMIT_PER_MINUTE, ...(OPENS_IN_S > 0 ? { opensAt } : {}) };
  const opened = operate(flight, rules);
  if (!check(opened, { "operator: turns the room on": ({ status }) => status === 200 })) {
    fail(`the waiting room could not be turned on: ${opened.status} ${opened.body}`);
  }
  return { flight, room, members };
}

/** @param {Flood} data */
export default function wait({ flight, room, members }) {
  const member = members[(exec.vu.idInTest - 1) % members.length] ?? fail("there are no members");
  const startedMs = Date.now();
  const giveUpMs = startedMs + PATIENCE_S * 1_000;

  const joined = ask("POST", `${room}/tickets`, JOIN, { body: {}, token: tokenOf(member) });
  const { ticket, seq } = bodyOf(joined);
  const hasPlace = check(joined, {
    "join: a place": ({ status }) => (status === 201 || status === 200) && typeof ticket === "string" && seq >= 1,
  });
  if (!hasPlace) return;
  const again = ask("POST", `${room}/tickets`, JOIN, { body: {}, token: tokenOf(member) });
  check(again, { "join again: the same place": ({ status }) => status === 200 && bodyOf(again).seq === seq });

  const pass = enter(room, member, ticket, giveUpMs);
  if (pass === null) return;
  waitedMs.add(Date.now() - startedMs);
  admitted.add(1);
  const response = hold({ flight, token: tokenOf(member), pass });
  const body = bodyOf(response);
  check(response, {
    "hold: held, or sold out by now": ({ status }) =>
      (status === 201 && body.status === "HELD") || (status === 409 && body.code === "SOLD_OUT"),
  });
  if (response.status === 201) held.add(1);
  else lateSeats.add(1);
}

/**
 * Asks for the status as often as that says, and at the door once the own place has been called.
 * @param {string} room
 * @param {import("./lib/members.js").Member} member
 * @param {string} ticket
 * @param {number} giveUpMs
 * @returns {string | null} null for whoever was not let in
 */
function enter(room, member, ticket, giveUpMs) {
  /** @type {number | null} */
  let place = null;
  while (Date.now() < giveUpMs) {
    const seen = ask("GET", room, STATUS);
    const status = bodyOf(seen);
    const isKnown = check(seen, {
      "status: 200, for everybody alike": (response) =>
        response.status === 200 && response.headers["Cache-Control"] === "public, max-age=1",
      "status: when to ask again": () => status.pollAfterMs >= 1,
    });
    if (!isKnown) return null;
    if (status.state === "sold_out" || status.state === "closed" || status.state === "off") return null;
    if (status.state === "open" && place === null) {
      // Before the opening nobody has a place: it is drawn then.
      place = bodyOf(ask("POST", `${room}/tickets`, JOIN, { body: { ticket }, token: tokenOf(member) })).place ?? null;
    }
    let pauseMs = status.pollAfterMs;
    if (place !== null && place <= status.admitted) {
      const asked = ask("POST", `${room}/passes`, PASS, { body: { ticket }, token: tokenOf(member) });
      const body = bodyOf(asked);
      check(asked, {
        "door: a pass, or not yet": (response) =>
          (response.status <= 201 && typeof body.pass === "string") ||
          (response.status === 409 && ["NOT_YET", "SALE_CLOSED"].includes(body.code)),
      });
      if (typeof body.pass === "string") return body.pass;
      if (body.code !== "NOT_YET") return null;
      pauseMs = body.pollAfterMs ?? pauseMs;
    }
    sleep(Math.min(pauseMs, PAUSE_MS_MAX) / 1_000);
  }
  return null;
}

/** @param {Flood} data */
export function teardown({ flight, room }) {
  const seen = ask("GET", room, STATUS);
  const { joined } = bodyOf(seen);
  check(seen, { "after the flood: the line knows who joined": () => joined >= 1 });
  const closed = operate(flight, { mode: "off" });
  check(closed, { "operator: turns the room off": ({ status }) => status === 200 });
}

/**
 * @param {string} flight
 * @param {object} body
 */
function operate(flight, body) {
  const { token } = logIn(ADMIN_EMAIL, ADMIN_PASSWORD);
  return ask("PUT", `/api/v1/admin/flights/${flight}/waiting-room`, OPERATE, { body, token });
}

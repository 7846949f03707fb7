/** The whole way of new members: sign up, log in, search, look, hold, pay at the sandbox, and have the ticket. `k6 run -e RATE=5 bench/k6/funnel.js` */

import { check, sleep } from "k6";
import { Counter, Trend } from "k6/metrics";
import { anyOf, ask, bodyOf, unique } from "./lib/api.js";
import { freeSeats, soon } from "./lib/flights.js";
import { hold } from "./lib/holds.js";
import { signUp } from "./lib/members.js";
import { openLoop } from "./lib/open-loop.js";
import { FLIGHT, RATE } from "./lib/settings.js";

/** Signing up and logging in take a core for a while each: far fewer than of anything else. */
const RATE_MAX = 5;

/** Seats that are tried, since others buy as well. */
const SEATS_TRIED_MAX = 5;

/** Looks whether the money has come, and the pause between them in seconds: a webhook takes a moment. */
const LOOKS_MAX = 60;
const PAUSE_S = 0.5;

const ticketed = new Counter("tickets");
const wayMs = new Trend("way_to_ticket", true);

export const options = {
  scenarios: { funnel: openLoop(Math.min(RATE, RATE_MAX)) },
  thresholds: {
    checks: ["rate==1"],
    http_req_failed: ["rate<0.001"],
    tickets: ["count>0"],
    way_to_ticket: ["p(95)<10000"],
    dropped_iterations: ["count==0"],
  },
};

export default function funnel() {
  const startedMs = Date.now();
  const { token } = signUp();
  const found = ask("GET", `/api/v1/flights?size=50&from=${soon()}`, "search");
  /** @type {{ id: string, waitingRoom: string }[]} */
  const flights = bodyOf(found).items ?? [];
  check(found, { "search: 200, with flights": ({ status }) => status === 200 && flights.length > 0 });
  const flight = FLIGHT === "" ? (anyOf(flights)?.id ?? "") : FLIGHT;

  const reservation = holdOne(flight, token);
  if (reservation === null) return;
  const { id, total } = reservation;
  const asking = { body: {}, token, key: unique() };
  const opened = ask("POST", `/api/v1/reservations/${id}/payments`, "pay", asking);
  const { checkoutUrl, amount } = bodyOf(opened);
  const isOpen = check(opened, {
    "payment: 201, PENDING": ({ status }) => status === 201 && bodyOf(opened).status === "PENDING",
    "payment: the quoted amount": () => amount?.amount === total.amount && amount?.currency === total.currency,
    "payment: a checkout": () => typeof checkoutUrl === "string",
  });
  if (!isOpen) return;
  const paid = ask("POST", checkoutUrl, "checkout", { body: { outcome: "approve" } });
  check(paid, { "checkout: 200": ({ status }) => status === 200 });

  const ended = lookUntilPaid(id, token);
  const tickets = ask("GET", "/api/v1/tickets", "tickets", { token });
  /** @type {{ reservationId: string, number: string, status: string }[]} */
  const items = bodyOf(tickets).items ?? [];
  const hasTicket = check(tickets, {
    "reservation: TICKETED": () => ended === "TICKETED",
    "ticket: one, of the reservation": ({ status }) => {
      return status === 200 && items.length === 1 && items[0]?.reservationId === id && /^\d{13}$/.test(items[0].number);
    },
  });
  if (!hasTicket) return;
  ticketed.add(1);
  wayMs.add(Date.now() - startedMs);
}

/**
 * @param {string} flight
 * @param {string} token
 * @returns {{ id: string, total: { amount: number, currency: string } } | null} null when others had every seat first
 */
function holdOne(flight, token) {
  const free = freeSeats(flight);
  for (let tried = 0; tried < SEATS_TRIED_MAX; tried++) {
    const seat = anyOf(free);
    const response = hold(seat === undefined ? { flight, token } : { flight, token, seat });
    const body = bodyOf(response);
    check(response, {
      "hold: held or taken": ({ status }) =>
        (status === 201 && body.status === "HELD") ||
        (status === 409 && ["SEAT_TAKEN", "SOLD_OUT"].includes(body.code)),
    });
    if (response.status === 201) return body;
    if (body.code !== "SEAT_TAKEN") return null;
  }
  return null;
}

/**
 * @param {string} id
 * @param {string} token
 * @returns {string} the reservation's last known status
 */
function lookUntilPaid(id, token) {
  let status = "";
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    ({ status = "" } = bodyOf(ask("GET", `/api/v1/reservations/${id}`, "reservation", { token })));
    if (status === "TICKETED" || status === "") return status;
    sleep(PAUSE_S);
  }
  return status;
}

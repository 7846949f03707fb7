/** The load of people who search: a route and a week, then the same again with what they know. `k6 run bench/k6/search.js` */

import { check, fail } from "k6";
import { anyOf, ask, bodyOf } from "./lib/api.js";
import { soon } from "./lib/flights.js";
import { openLoop } from "./lib/open-loop.js";
import { RATE } from "./lib/settings.js";

const NAME = "search";
const SIZE = 20;
const WEEK_MS = 7 * 86_400_000;

export const options = {
  scenarios: { search: openLoop(RATE) },
  thresholds: {
    checks: ["rate==1"],
    http_req_failed: ["rate<0.001"],
    [`http_req_duration{name:${NAME}}`]: ["p(95)<200", "p(99)<500"],
    dropped_iterations: ["count==0"],
  },
};

/** @typedef {{ origin: string, destination: string }} Route */

/** @returns {{ routes: Route[] }} */
export function setup() {
  /** @type {Route[]} */
  const items = bodyOf(ask("GET", `/api/v1/flights?size=100&from=${soon()}`, NAME)).items ?? [];
  const routes = items.map(({ origin, destination }) => ({ origin, destination }));
  if (routes.length === 0) fail("there are no flights");
  return { routes };
}

/** @param {{ routes: Route[] }} data */
export default function search({ routes }) {
  const { origin, destination } = anyOf(routes) ?? fail("there are no routes");
  const from = soon();
  const to = new Date(Date.parse(from) + WEEK_MS).toISOString().slice(0, 10);
  const path = `/api/v1/flights?origin=${origin}&destination=${destination}&from=${from}&to=${to}&size=${SIZE}`;
  const found = ask("GET", path, NAME);
  /** @type {{ origin: string, destination: string, departsAt: string, departsLocal: string }[]} */
  const items = bodyOf(found).items ?? [];
  const etag = found.headers.Etag ?? "";
  check(found, {
    "search: 200": ({ status }) => status === 200,
    "search: some flights, a page at most": () => items.length > 0 && items.length <= SIZE,
    "search: of the route": () => items.every((each) => each.origin === origin && each.destination === destination),
    "search: of the days": () =>
      items.every(({ departsLocal }) => departsLocal >= from && departsLocal.slice(0, 10) <= to),
    "search: by departure": () =>
      items.every(({ departsAt }, at) => at === 0 || departsAt >= (items[at - 1]?.departsAt ?? "")),
    "search: tagged": () => etag !== "",
  });
  const again = ask("GET", path, NAME, { headers: { "If-None-Match": etag } });
  check(again, {
    // 200 when somebody has bought in between.
    "search again: 304, or something new": ({ status, headers }) =>
      status === 304 || (status === 200 && headers.Etag !== etag),
  });
}

/** The people of the profile "funnel", in a process of their own: each searches a route, looks at the seats, holds one, pays, and waits for the ticket. */
import { present } from "../../actors/assert.ts";
import { seededRandom } from "../../deploy/seeded-random.ts";
import { HttpPool } from "../load/http-pool.ts";
import { GaveUp, peopleCome, taken, type Ways } from "../load/people.ts";
import type { Arrivals } from "../load/schedule.ts";
import { type StepResult, Steps } from "../load/steps.ts";

export interface FunnelRoute {
  readonly origin: string;
  readonly destination: string;
  readonly day: string;
}

export interface FunnelOrders {
  readonly url: string;
  readonly connections: number;
  readonly arrivals: Arrivals;
  readonly seed: number;
  readonly tokens: readonly string[];
  /** Each person takes one of them. */
  readonly routes: readonly FunnelRoute[];
  /** Tells this run's idempotency keys and names from others'. */
  readonly mark: string;
}

export interface FunnelResult {
  readonly ways: Ways;
  readonly steps: readonly StepResult[];
  /** Reservations that were ticketed, as their members were told. */
  readonly ticketed: readonly string[];
  readonly windowMs: number;
}

/** How often one looks whether the ticket is there, and for how long. */
const LOOK_MS = 100;
const LOOKS_MAX = 200;

/** Somebody else may take the seat that one has seen free: then one looks again. */
const TRIES_MAX = 5;

const orders: FunnelOrders = await Bun.stdin.json();
const { url, connections, tokens, routes, mark } = orders;
/** Routes are drawn as people come, so that the same ones are taken whatever the answers' order. */
const [ofRoutes, random] = [seededRandom(orders.seed), seededRandom(orders.seed + 1)];
const steps = new Steps();
const ticketed: string[] = [];
const api = new HttpPool(url, connections);
/** The checkout's address is known with the first payment. */
let sandbox: Promise<HttpPool> | null = null;
await api.open();
const startedMs = performance.now();

async function go(person: number, meantAtMs: number): Promise<void> {
  const token = present(tokens[person % tokens.length], "a member");
  const { origin, destination, day } = oneOf(routes, ofRoutes);
  const path = `/api/v1/flights?origin=${origin}&destination=${destination}&from=${day}&to=${day}`;
  const found = taken<{ items: { id: string }[] }>(steps, "search", meantAtMs, await api.ask({ method: "GET", path }));
  const reservation = await holdOnOneOf(
    found.items.map(({ id }) => id),
    token,
    person,
  );
  await pay(reservation, token, person);
  ticketed.push(reservation);
}

/** A hold of the flight that one likes best, or of another one if that is full. */
async function holdOnOneOf(flights: string[], token: string, person: number): Promise<string> {
  while (flights.length > 0) {
    const flight = oneOf(flights, random);
    const reservation = await hold(flight, token, person);
    if (reservation !== null) return reservation;
    flights.splice(flights.indexOf(flight), 1);
  }
  steps.otherwise("hold", "no flight has a seat");
  throw new GaveUp("hold");
}

/** Null: the flight is full, or others are always faster. */
async function hold(flight: string, token: string, person: number): Promise<string | null> {
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const lookedMs = performance.now();
    const answer = await api.ask({ method: "GET", path: `/api/v1/flights/${flight}/seats` });
    const { seats } = taken<{ seats: { seat: string; state: string }[] }>(steps, "seat map", lookedMs, answer);
    const free = seats.filter(({ state }) => state === "free");
    if (free.length === 0) {
      steps.otherwise("seat map", "full");
      return null;
    }
    const askedMs = performance.now();
    const held = await api.ask({
      method: "POST",
      path: `/api/v1/flights/${flight}/reservations`,
      token,
      headers: { "Idempotency-Key": `${mark}-hold-${person}-${flight}-${attempt}` },
      body: { passengers: [{ name: `FUNNEL ${mark} ${person}`, type: "ADT", seat: oneOf(free, random).seat }] },
    });
    if (held.problemCode !== "SEAT_TAKEN" && held.problemCode !== "SOLD_OUT")
      return taken<{ id: string }>(steps, "hold", askedMs, held).id;
    steps.otherwise("hold", `409 ${held.problemCode}, tried again`);
  }
  return null;
}

function oneOf<T>(all: readonly T[], chance: () => number): T {
  return present(all[Math.floor(chance() * all.length)], "one to choose");
}

async function pay(reservation: string, token: string, person: number): Promise<void> {
  const beganMs = performance.now();
  const opened = await api.ask({
    method: "POST",
    path: `/api/v1/reservations/${reservation}/payments`,
    token,
    headers: { "Idempotency-Key": `${mark}-pay-${person}` },
    body: {},
  });
  const { checkoutUrl } = taken<{ checkoutUrl: string }>(steps, "payment", beganMs, opened);
  const checkout = new URL(checkoutUrl);
  sandbox ??= opening(checkout.origin);
  const paidMs = performance.now();
  const decided = await (await sandbox).ask({ method: "POST", path: checkout.pathname, body: { outcome: "approve" } });
  taken(steps, "checkout", paidMs, decided);
  for (let look = 0; look < LOOKS_MAX; look++) {
    const answer = await api.ask({ method: "GET", path: `/api/v1/reservations/${reservation}`, token });
    if (answer.status === 200 && (JSON.parse(answer.body) as { status?: string }).status === "TICKETED") {
      steps.ok("ticket", performance.now() - paidMs);
      return;
    }
    await Bun.sleep(LOOK_MS);
  }
  steps.otherwise("ticket", "not in time");
  throw new GaveUp("ticket");
}

async function opening(origin: string): Promise<HttpPool> {
  const pool = new HttpPool(origin, connections);
  await pool.open();
  return pool;
}

const ways = await peopleCome(orders.arrivals, go);
const result: FunnelResult = { ways, steps: steps.results(), ticketed, windowMs: performance.now() - startedMs };
await Bun.write(Bun.stdout, `${JSON.stringify(result)}\n`);
process.exit(0);

/** Goal: each k6 script asks a server what it may ask, its checks hold where the server is right, and fail where it isn't. */

import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { GivenProgram } from "../support/given-program.ts";
import { type BrokenServer, K6StandIn } from "./k6/stand-in.ts";

const FOLDER = join(import.meta.dir, "../../bench/k6");
const RUN = "try-7";
const ADMIN = { ADMIN_EMAIL: "root@pigonair.example", ADMIN_PASSWORD: "a password of an operator" };
const MEMBERS = 2;

setDefaultTimeout(60_000);

interface Options {
  readonly thresholds: Readonly<Record<string, readonly string[]>>;
}

/** Data is what a script's own setup made: for k6, too, it is whatever it is. */
interface Script<Data> {
  readonly options: Options;
  readonly setup: () => Data;
  readonly default: (data: Data) => void;
  readonly teardown?: (data: Data) => void;
}

interface Sale {
  readonly flight: string;
  readonly seats: readonly string[];
}

const BUILT_IN = ["checks", "http_req_failed", "http_req_duration", "dropped_iterations"];

const given = new GivenProgram(ADMIN);
let k6: K6StandIn;

beforeAll(async () => {
  await given.start();
  k6 = await K6StandIn.install({
    BASE_URL: given.url,
    RUN,
    MEMBERS: String(MEMBERS),
    RATE: "2",
    ASKED_AGAIN: "1",
    OPENS_IN_S: "1",
    ...ADMIN,
  });
});
beforeEach(() => k6.clear());
afterAll(async () => {
  await k6.end();
  await given.remove();
});

async function scriptOf<Data>(name: string): Promise<Script<Data>> {
  return (await import(join(FOLDER, `${name}.js`))) as Script<Data>;
}

/** What must hold of every script that has run against the real server. @param metrics of its own, as they were when it was loaded */
function expectRight({ options }: Pick<Script<never>, "options">, metrics: readonly string[]): void {
  expect(k6.failedChecks).toEqual([]);
  expect(k6.checks.size).toBeGreaterThan(0);
  expect(k6.requests.filter(({ run }) => run !== RUN)).toEqual([]);
  expect(k6.requests.filter(({ hasFailed }) => hasFailed)).toEqual([]);
  const routes = new Set(k6.requests.map(({ name }) => name));
  for (const threshold of Object.keys(options.thresholds)) {
    const [metric = "", route] = threshold.split(/\{name:|\}/);
    expect([...BUILT_IN, ...metrics]).toContain(metric);
    if (route !== undefined) expect(routes).toContain(route);
  }
}

/** A server that isn't right must not look right. */
function expectNoticed(run: () => void): void {
  for (const server of ["failing", "empty"] satisfies BrokenServer[]) {
    k6.clear();
    k6.against(server, run);
    expect(k6.failedChecks.length).toBeGreaterThan(0);
  }
}

test("search.js finds flights of a route and some days, and finds them unchanged", async () => {
  const script = await scriptOf<object>("search");
  const data = script.setup();
  for (let times = 0; times < 3; times++) script.default(data);
  expectRight(script, []);
  expect(k6.requests.filter(({ status }) => status === 304)).toHaveLength(3);
  expectNoticed(() => script.default(data));
  expectNoticed(() => script.setup());
});

test("seat-map.js looks at the seats, and finds them unchanged", async () => {
  const script = await scriptOf<object>("seat-map");
  const data = script.setup();
  for (let times = 0; times < 3; times++) script.default(data);
  expectRight(script, []);
  expect(k6.requests.filter(({ status }) => status === 304)).toHaveLength(3);
  expectNoticed(() => script.default(data));
  expectNoticed(() => script.setup());
});

test("hot-flight.js sells seats, is refused those that are taken, and asks again under the same key", async () => {
  const script = await scriptOf<Sale>("hot-flight");
  const { metrics } = k6;
  const data = script.setup();
  const few = { ...data, seats: data.seats.slice(0, 2) };
  for (let times = 0; times < 8; times++) script.default(few);
  script.teardown?.(data);
  expectRight(script, ["seats_held", "seats_refused"]);
  expect(metrics.get("seats_held")).toHaveLength(2);
  expect(metrics.get("seats_refused")).toHaveLength(6);
  expectNoticed(() => script.default(few));
  expectNoticed(() => script.teardown?.(data));
});

test("hot-flight.js begins only with as many members as its keys take", async () => {
  const { membersNeeded } = (await import(join(FOLDER, "lib/members.js"))) as {
    membersNeeded(rate: number, duration: string): number;
  };
  expect(membersNeeded(2, "30s")).toBe(MEMBERS);
  // What README.md has by default.
  expect(membersNeeded(50, "30s")).toBeLessThanOrEqual(50);
  // Keys of refusals live for a minute and a half.
  expect(membersNeeded(500, "1m")).toBe(750);
  expect(membersNeeded(500, "1h30m500ms")).toBe(1_125);
});

test("funnel.js brings a new member to a ticket", async () => {
  const script = await scriptOf<undefined>("funnel");
  const { metrics } = k6;
  script.default(undefined);
  expectRight(script, ["tickets", "way_to_ticket"]);
  expect(metrics.get("tickets")).toEqual([1]);
  expect(metrics.get("way_to_ticket")).toHaveLength(1);
  expectNoticed(() => script.default(undefined));
});

describe("waiting-room.js", () => {
  test("gathers people before the opening, lets them in, and sells to them", async () => {
    const script = await scriptOf<Sale>("waiting-room");
    const { metrics } = k6;
    const data = script.setup();
    for (let vu = 1; vu <= MEMBERS; vu++) {
      k6.vu = vu;
      script.default(data);
    }
    const states = new Set(
      k6.requests.filter(({ name }) => name === "status").map(({ body }) => JSON.parse(body).state),
    );
    script.teardown?.(data);
    expectRight(script, ["admitted", "seats_held", "seats_gone", "waited"]);
    expect([...states]).toEqual(["prequeue", "open"]);
    expect(metrics.get("admitted")).toEqual([1, 1]);
    expect(metrics.get("seats_held")).toEqual([1, 1]);
    expectNoticed(() => script.default(data));
    expectNoticed(() => script.setup());
    expectNoticed(() => script.teardown?.(data));
  });
});

test.each([
  [{ RUN: "my run" }, "RUN must be 1 to 32 of A-Z a-z 0-9 . _ -"],
  [{ RUN: "x".repeat(33) }, "RUN must be 1 to 32 of A-Z a-z 0-9 . _ -"],
  [{ RATE: "many" }, "RATE must be a number"],
  [{ BASE_URL: "http://127.0.0.1:1/" }, "http://127.0.0.1:1 k6"],
])("%j: %s", async (env, said) => {
  const settings = join(FOLDER, "lib/settings.js");
  const script = `globalThis.__ENV = ${JSON.stringify(env)};
    const { BASE_URL, RUN } = await import(${JSON.stringify(settings)}).catch(({ message }) => ({ BASE_URL: message, RUN: "" }));
    console.log(BASE_URL, RUN);`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  expect((await child.stdout.text()).trim()).toBe(said);
});

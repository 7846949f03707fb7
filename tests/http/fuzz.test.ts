// Goal: whatever stands in any field of any route of the API's document, the answer is one that the document knows, never a 500, and a refusal changes nothing.

import { afterAll, describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { present } from "../../actors/assert.ts";
import { examine } from "../../db/doctor/examine.ts";
import type { Member } from "../../http/accounts/member.ts";
import { GivenApp } from "../support/given-app.ts";
import { plannedSeason } from "../support/given-catalogue.ts";
import { decide, givenSandbox, WEBHOOK_SECRET } from "../support/given-sandbox.ts";
import {
  fuzzedRequest,
  type Operation,
  operationsOf,
  type Samples,
  sampleRequest,
  type WireRequest,
} from "../support/openapi-fuzz.ts";
import type { RawAnswer } from "../support/raw-http.ts";
import { StateWatch } from "../support/state-watch.ts";
import { until } from "../support/until.ts";
import { Visitor } from "../support/visitor.ts";
import { sendBytes, sendWire } from "../support/wire.ts";

/** Requests to an operation that takes a body, and to one that has fewer fields to spoil. */
const RUNS_WITH_BODY = 120;
const RUNS_WITHOUT_BODY = 40;

/** For a machine that is busy: they take a tenth of it. */
const TIMEOUT_MS = 60_000;

/** None of the fuzzed requests has it. */
const NONCE_OF_SAMPLES = 10_000;

const DAYS = 40;
/** In a target, for a reservation that is made when it is asked for. */
const MINE = "a-new-reservation-of-kims";
const PASSWORD = "correct horse";
const WEBHOOKS = "POST /api/v1/payments/webhooks/{provider}";

const SIGN_UP = {
  method: "POST",
  target: "/api/v1/members",
  headers: { "content-type": "application/json" },
  mustFail: true,
} as const;

type Fields = Readonly<Record<string, string>>;

const sandbox = givenSandbox({ webhooks: "held" });
const season = plannedSeason(DAYS + 1);
const given = await GivenApp.open({
  sandbox,
  flights: season,
  admin: { email: "root@example.com", password: PASSWORD },
  // Nobody is refused for having asked often.
  rules: { seatsPerMember: 1_000, keysPerMember: 10_000 },
  addressLimits: false,
  bodyBytesMax: 65_536,
});
const { port = 0 } = given.listen();
const operations = operationsOf(await (await given.get("/openapi/json")).json());

const { member: kimHerself, token: kimsToken } = await memberOf("kim");
const kim = { authorization: `Bearer ${kimsToken}` };
const lee = await bearerOf("lee");
const admin = await bearerOf("root");
/** Whose sessions come and go. */
const choi = await memberOf("choi");
const watch = new StateWatch(given.host.file);

afterAll(async () => {
  watch.close();
  await given.close();
  await sandbox.stop();
});

async function memberOf(name: string): Promise<{ readonly token: string; readonly member: Member }> {
  const visitor = new Visitor((request) => given.app.handle(request));
  const email = `${name}@example.com`;
  if (name !== "root") {
    await visitor.send("POST", "/api/v1/members", { body: { email, password: PASSWORD, name } });
  }
  const { body } = await visitor.send("POST", "/api/v1/sessions", { body: { email, password: PASSWORD } });
  const { id } = body.member as { id: string };
  return {
    token: String(body.accessToken),
    member: present(await given.accounts.accounts.member(id), `member ${name}`),
  };
}

async function bearerOf(name: string): Promise<Fields> {
  return { authorization: `Bearer ${(await memberOf(name)).token}` };
}

/** A session of its own, as a browser has it: the request may end it. */
async function browser(): Promise<Fields> {
  const { accessToken, refreshToken } = await given.accounts.sessions.open(choi.member);
  return { cookie: `access_token=${accessToken}; refresh_token=${refreshToken}`, origin: "http://localhost:3000" };
}

/** Has a waiting room, which its requests may turn off and on. */
const roomFlight = present(season[DAYS], "one day more").id;
const kimsTicket = await admitted(roomFlight, kimHerself.id);

/** The ticket of somebody who is let in. */
async function admitted(flightId: string, member: string): Promise<string> {
  const { operator, rooms, door } = given.waitingRooms;
  await operator.change(flightId, { mode: "on" });
  const joining = await door.join(flightId, member, null);
  const ticket = joining.kind === "place" ? joining.ticket : "";
  await until(async () => {
    await rooms.look();
    return (await door.enter(flightId, member, ticket)).kind === "pass";
  }, "the pass");
  return ticket;
}

let held = 0;

/** A new hold of Kim's, on a flight that has not had many. */
async function hold(): Promise<string> {
  const flight = present(season[held++ % DAYS], "the season has days");
  const request = new Request(`http://localhost:3000/api/v1/flights/${flight.id}/reservations`, {
    method: "POST",
    headers: { ...kim, "content-type": "application/json", "idempotency-key": `hold-${held}` },
    body: JSON.stringify({ passengers: [{ name: `Held ${held}` }] }),
  });
  const answer = await given.app.handle(request);
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}

/** A ticket of Kim's, paid for: its number. */
async function bought(): Promise<string> {
  const reservation = await hold();
  const send = async (target: string, body: string, headers: Fields): Promise<Response> =>
    given.app.handle(
      new Request(`http://localhost:3000${target}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body,
      }),
    );
  const paying = await send(`/api/v1/reservations/${reservation}/payments`, "{}", {
    ...kim,
    "idempotency-key": "ticket",
  });
  const { id, checkoutUrl } = (await paying.json()) as { id: string; checkoutUrl: string };
  await decide(checkoutUrl, { outcome: "approve" });
  const hint = signed({
    method: "POST",
    target: "/api/v1/payments/webhooks/sandbox",
    headers: {},
    body: JSON.stringify({ type: "payment.captured", data: { attempt: id } }),
    mustFail: false,
  });
  expect((await send(hint.target, hint.body ?? "", hint.headers)).status).toBe(204);
  const tickets = (await (await given.get("/api/v1/tickets", kim)).json()) as { items: { number: string }[] };
  return present(tickets.items[0], "a ticket").number;
}

const kimsTicketNumber = await bought();

const samples: Samples = {
  pathParameter({ path }, name, nonce) {
    if (name === "provider") return "sandbox";
    if (path.includes("/reservations/")) return MINE;
    if (path.includes("/tickets/")) return kimsTicketNumber;
    if (path.includes("/waiting-room")) return roomFlight;
    return present(season[nonce % DAYS], "the season has days").id;
  },
  field({ path }, name, nonce) {
    const isLogIn = path.endsWith("/sessions");
    const departsOn = `2031-03-${String(1 + (nonce % 28)).padStart(2, "0")}`;
    const isAdmin = path.startsWith("/api/v1/admin");
    const values: Readonly<Record<string, unknown>> = {
      ticket: kimsTicket,
      proofOfWork: isAdmin ? "off" : "1.none",
      mode: "on",
      opensAt: new Date(given.clock.nowMs()).toISOString(),
      registeredBefore: "2099-01-01T00:00:00Z",
      maxActive: 100,
      admitPerMinute: 600,
      passTtlMs: 600_000,
      email: isLogIn ? "choi@example.com" : `member-${nonce}@example.com`,
      password: PASSWORD,
      name: `Kim ${nonce}`,
      seat: `${10 + (nonce % 20)}A`,
      birthDate: "1990-02-28",
      returnUrl: "http://localhost:3000/thanks",
      number: String(1 + (nonce % 9_999)),
      destination: "CJU",
      departsAt: `${departsOn}T08:00:00+09:00`,
      arrivesAt: `${departsOn}T09:10:00+09:00`,
    };
    return values[name];
  },
};

/** Everybody who may ask. */
function callersOf({ path }: Operation): Readonly<Record<string, () => Fields | Promise<Fields>>> {
  const nobody = () => ({});
  if (path.startsWith("/api/v1/sessions")) return { nobody, choi: browser };
  return { nobody, kim: () => kim, lee: () => lee, admin: () => admin, choi: browser };
}

/** Of the path, for whichever method is asked; a path that takes other methods is refused as such. */
function statusesOf({ path, statuses }: Operation, { method }: WireRequest, own: string): readonly number[] {
  if (method === own) return statuses;
  const other = operations.find((each) => each.path === path && each.method === (method === "HEAD" ? "GET" : method));
  return other?.statuses ?? [404, 405, 413, 415];
}

function checkAnswer(answer: RawAnswer, statuses: readonly number[], isHead: boolean): void {
  const { status, headers, body } = answer;
  expect(status, body).toBeLessThan(500);
  expect(statuses, body).toContain(status);
  expect(headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "content-security-policy": expect.stringContaining("default-src 'none'"),
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": expect.any(String),
    "x-request-id": expect.stringMatching(/^[A-Za-z0-9._-]{8,64}$/),
  });
  expect(headers["x-evil"]).toBeUndefined();
  if (status < 400) return;
  expect(headers["content-type"]).toBe("application/problem+json");
  if (status === 429) expect(headers["retry-after"]).toMatch(/^[1-9]\d*$/);
  if (status === 401) expect(headers["www-authenticate"] ?? "Bearer").toBe("Bearer");
  if (isHead) return;
  expect(JSON.parse(body)).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code: expect.stringMatching(/^[A-Z_]+$/),
    retryable: expect.any(Boolean),
  });
}

/** The request is answered as the document says, and changes nothing unless it succeeds at something that may. */
async function checkRequest(operation: Operation, asked: WireRequest): Promise<RawAnswer> {
  const { target } = asked;
  const request = target.includes(MINE) ? { ...asked, target: target.replace(MINE, await hold()) } : asked;
  watch.changed();
  const answer = present(await sendWire(port, request), "the server answers");
  const changed = watch.changed();
  checkAnswer(answer, statusesOf(operation, request, operation.method), request.method === "HEAD");
  if (request.mustFail) expect(answer.status).toBeGreaterThanOrEqual(400);
  const isSafe = request.method === "GET" || request.method === "HEAD";
  // A refresh token that comes a second time ends its sessions: that is its answer.
  if ((isSafe || answer.status >= 400) && !answer.body.includes("REFRESH_REUSED")) expect(changed).toEqual([]);
  return answer;
}

/** A webhook as the provider would sign it. */
function signed(request: WireRequest): WireRequest {
  const at = given.clock.nowMs();
  const text = Buffer.from(request.body ?? "", "latin1").toString("utf8");
  const headers = {
    "webhook-id": "msg-1",
    "webhook-timestamp": String(Math.floor(at / 1_000)),
    "webhook-signature": new Webhook(WEBHOOK_SECRET).sign("msg-1", new Date(at), text),
  };
  return { ...request, headers: { ...headers, ...request.headers } };
}

describe("what the document asks for succeeds, so that it is the garbage that is refused", () => {
  test.each(operations.map((operation) => [operation.name, operation] as const))("%s", async (_, operation) => {
    const { path, name } = operation;
    const caller = path.startsWith("/api/v1/admin") ? admin : path.includes("sessions") ? await browser() : kim;
    const sample = sampleRequest(operation, samples, NONCE_OF_SAMPLES);
    const request = name === WEBHOOKS ? signed(sample) : sample;
    const { status, body } = await checkRequest(operation, { ...request, headers: { ...request.headers, ...caller } });
    expect(status, body).toBeLessThan(300);
  });
});

test("what a success changes would be seen", async () => {
  watch.changed();
  await hold();
  expect(watch.changed()).toEqual(["reservation", "seat_claim", "passenger", "flight_head", "journal"]);
  await browser();
  expect(watch.changed()).toEqual(["session"]);
});

describe("garbage", () => {
  test.each(operations.map((operation) => [operation.name, operation] as const))(
    "in %s",
    async (_, operation) => {
      const callers = callersOf(operation);
      const someone = fc.constantFrom(...Object.keys(callers));
      await fc.assert(
        fc.asyncProperty(someone, fuzzedRequest(operation, samples), async (caller, request) => {
          const fields = await present(callers[caller], "a caller")();
          await checkRequest(operation, { ...request, headers: { ...fields, ...request.headers } });
        }),
        { numRuns: operation.body === null ? RUNS_WITHOUT_BODY : RUNS_WITH_BODY },
      );
    },
    TIMEOUT_MS,
  );

  test.each([
    ["brackets in brackets, of which an error can't hold the text", "[".repeat(30_000) + "]".repeat(30_000), "body"],
    ["objects in objects in a field", `{"email":${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}}`, "email"],
    ["a toString that is no function", '{"email":"a@example.com","password":"12345678","name":{"toString":1}}', "name"],
    ["a toString that is no function, in a list", '{"email":[{"toString":1}],"password":"x","name":"Kim"}', "email"],
    ["a toString beside the fields", '{"email":"a@example.com","toString":1}', "toString"],
  ])("of %s is a problem of the field, and no failure", async (_, body, field) => {
    const answer = await sendWire(port, { ...SIGN_UP, body });
    const { code, errors } = JSON.parse(present(answer, "the server answers").body);
    expect([answer?.status, code, errors]).toEqual([400, "VALIDATION", [expect.objectContaining({ field })]]);
  });

  test(
    "in a webhook that is signed",
    async () => {
      const operation = present(
        operations.find(({ name }) => name === WEBHOOKS),
        "the webhook's operation",
      );
      await fc.assert(
        fc.asyncProperty(fuzzedRequest(operation, samples), async (request) => {
          await checkRequest(operation, signed({ ...request, mustFail: false }));
        }),
        { numRuns: RUNS_WITH_BODY },
      );
    },
    TIMEOUT_MS,
  );

  test.each([
    "GET /livez",
    "GET  HTTP/1.1",
    "GET /livez HTTP/9.9\r\nHost: x",
    "GET livez HTTP/1.1\r\nHost: x",
    "GET /livez HTTP/1.1",
    "GET /li\u0000vez HTTP/1.1\r\nHost: x",
    "GET /livez HTTP/1.1\r\nHost: [::1",
    "GET /livez HTTP/1.1\r\nHost: a b",
    "GET /livez HTTP/1.1\r\nHost: x:99999",
    "GET /livez HTTP/1.1\r\nHost: x\r\nCookie: a\u0000b",
    "GET /livez HTTP/1.1\r\nHost: x\r\nno colon",
    "GET /livez HTTP/1.1\r\nHost: x\r\n: nothing",
    "POST /api/v1/members HTTP/1.1\r\nHost: x\r\nContent-Length: -1",
    "POST /api/v1/members HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2",
    "POST /api/v1/members HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
    "POST /api/v1/members HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: nonsense",
    `GET /livez HTTP/1.1\r\nHost: x\r\nCookie: ${"x".repeat(100_000)}`,
  ])("that is no HTTP, or hardly: %j", async (head) => {
    watch.changed();
    const answer = await sendBytes(port, `${head}\r\nConnection: close\r\n\r\n`);
    // The runtime's parser closes without a word, or refuses by itself; 505 is its word for a version of HTTP that it can't read.
    if (answer !== null && answer.status !== 505) expect(answer.status).toBeLessThan(500);
    expect(watch.changed()).toEqual([]);
    expect((await given.get("/livez")).status).toBe(200);
  });
});

describe("after all that", () => {
  test("everybody is still known, so that the garbage was theirs", async () => {
    for (const caller of [kim, lee, admin]) {
      expect((await given.get("/api/v1/members/me", caller)).status).toBe(200);
    }
  });

  test("the doctor finds nothing", async () => {
    const { findings, reservations: count } = await examine(given.host.db.read);
    expect(findings).toEqual([]);
    expect(count).toBeGreaterThan(0);
  });

  test("nothing was logged as a failure", () => {
    expect(given.log.messages.filter((message) => message === "a request failed")).toEqual([]);
  });
});

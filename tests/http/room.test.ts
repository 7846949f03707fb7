// Goal: the waiting room's routes keep to the contract: who gets what, what caches may keep, and what a member is told who can't go in.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { WorkSolver } from "../../queue/room/proof-of-work-solver.ts";
import { EventReader } from "../support/event-reader.ts";
import { GivenApp } from "../support/given-app.ts";
import { plannedFlight } from "../support/given-catalogue.ts";
import { until } from "../support/until.ts";
import { type Answer, Visitor } from "../support/visitor.ts";

const FLIGHT = plannedFlight().id;
const ROOM = `/api/v1/flights/${FLIGHT}/waiting-room`;
const ADMIN_ROOM = `/api/v1/admin/flights/${FLIGHT}/waiting-room`;
const RESERVATIONS = `/api/v1/flights/${FLIGHT}/reservations`;
const PASSWORD = "correct horse";
const ADMIN = { email: "root@example.com", password: PASSWORD };

let given: GivenApp;
let looks: number;

beforeEach(async () => {
  given = await GivenApp.open({ flights: [plannedFlight()], admin: ADMIN, addressLimits: false });
  looks = 0;
  given.waitingRooms.rooms.onLook(() => {
    looks += 1;
  });
});
afterEach(() => given.close());

async function seconds(count = 1): Promise<void> {
  for (let second = 0; second < count; second++) {
    const before = looks;
    given.clock.advance(1_000);
    await until(() => looks > before, "a look at the rooms");
    await given.waitingRooms.pacer.idle();
  }
}

class Member {
  readonly #visitor = new Visitor((request) => given.app.handle(request));
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  static async named(name: string): Promise<Member> {
    const visitor = new Visitor((request) => given.app.handle(request));
    const email = `${name}@example.com`;
    if (name !== "root") await visitor.send("POST", "/api/v1/members", { body: { email, password: PASSWORD, name } });
    const { body } = await visitor.send("POST", "/api/v1/sessions", { body: { email, password: PASSWORD } });
    return new Member(String(body.accessToken));
  }

  send(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const fields = { authorization: `Bearer ${this.#token}`, ...headers };
    return this.#visitor.send(method, path, body === undefined ? { headers: fields } : { body, headers: fields });
  }

  join(body?: object): Promise<Answer> {
    return this.send("POST", `${ROOM}/tickets`, body);
  }

  async ticket(): Promise<string> {
    const { body } = await this.join();
    return String(body.ticket);
  }

  enter(ticket: string): Promise<Answer> {
    return this.send("POST", `${ROOM}/passes`, { ticket });
  }

  hold(pass: string | null, key: string = Bun.randomUUIDv7(), name = "Kim"): Promise<Answer> {
    const headers = { "idempotency-key": key, ...(pass === null ? {} : { "admission-pass": pass }) };
    return this.send("POST", RESERVATIONS, { passengers: [{ name }] }, headers);
  }
}

async function turnOn(change: object = {}): Promise<Answer> {
  return (await Member.named("root")).send("PUT", ADMIN_ROOM, { mode: "on", ...change });
}

/** A member with a pass. */
async function admitted(
  name: string,
): Promise<{ readonly member: Member; readonly ticket: string; readonly pass: string }> {
  const member = await Member.named(name);
  const ticket = await member.ticket();
  let pass = "";
  for (let second = 0; second < 10 && pass === ""; second++) {
    await seconds(1);
    const { status, body } = await member.enter(ticket);
    if (status === 201) pass = String(body.pass);
  }
  expect(pass).not.toBe("");
  return { member, ticket, pass };
}

async function status(
  path = ROOM,
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> }> {
  const response = await given.get(path);
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}

describe("a place", () => {
  test("is given once, and is the same on every device, however it is asked for", async () => {
    await turnOn();
    await seconds(1);
    const kim = await Member.named("kim");
    const first = await kim.join();
    expect([first.status, first.body]).toEqual([
      201,
      { ticket: expect.any(String), seq: 1, state: "WAITING", place: 1 },
    ]);
    expect(await (await Member.named("kim")).join({})).toMatchObject({ status: 200, body: { seq: 1 } });
    expect(await (await Member.named("lee")).join()).toMatchObject({ status: 201, body: { seq: 2 } });
    expect(await kim.join({ ticket: first.body.ticket })).toMatchObject({ status: 200, body: { seq: 1 } });
  });

  test.each([
    [
      "no token",
      async () => given.app.handle(new Request(`http://localhost:3000${ROOM}/tickets`, { method: "POST" })),
      401,
      "UNAUTHENTICATED",
    ],
  ])("is refused with %s", async (_, ask, code, name) => {
    const response = await ask();
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([code, name]);
  });

  test("is refused where there is no room, no flight, no sale, and with a ticket that is somebody else's", async () => {
    const kim = await Member.named("kim");
    expect(await kim.join()).toMatchObject({ status: 409, body: { code: "ROOM_OFF" } });
    expect(await kim.send("POST", "/api/v1/flights/XX-1/waiting-room/tickets")).toMatchObject({
      status: 404,
      body: { code: "FLIGHT_NOT_FOUND" },
    });
    await turnOn();
    const lees = await (await Member.named("lee")).ticket();
    for (const ticket of [lees, `${lees}x`, "x"]) {
      expect(await kim.join({ ticket })).toMatchObject({ status: 401, body: { code: "BAD_TICKET" } });
      expect(await kim.enter(ticket)).toMatchObject({ status: 401, body: { code: "BAD_TICKET" } });
    }
    await turnOn({ mode: "closed" });
    expect(await kim.join()).toMatchObject({ status: 409, body: { code: "SALE_CLOSED" } });
    expect(await kim.enter(lees)).toMatchObject({ status: 409, body: { code: "SALE_CLOSED" } });
  });

  test("is for accounts of before, when the operator says so", async () => {
    const kim = await Member.named("kim");
    given.clock.advance(1_000);
    await turnOn({ registeredBefore: new Date(given.clock.nowMs()).toISOString() });
    given.clock.advance(1_000);
    const lee = await Member.named("lee");
    expect((await kim.join()).status).toBe(201);
    expect(await lee.join()).toMatchObject({ status: 403, body: { code: "FORBIDDEN", reason: "registered-later" } });
    await turnOn({ registeredBefore: null });
    expect((await lee.join()).status).toBe(201);
  });

  test("costs work when the operator says so, once", async () => {
    await turnOn({ proofOfWork: "on" });
    await seconds(1);
    const kim = await Member.named("kim");
    const refused = await kim.join();
    expect(refused).toMatchObject({ status: 403, body: { code: "WORK_REQUIRED", reason: "missing", bits: 18 } });
    expect((await status()).body.workBits).toBe(18);
    const proof = present(new WorkSolver(String(refused.body.challenge)).run(100_000_000), "a proof is found");
    expect(await (await Member.named("lee")).join({ proofOfWork: proof })).toMatchObject({
      status: 403,
      body: { reason: "other" },
    });
    const joined = await kim.join({ proofOfWork: proof });
    expect(joined.status).toBe(201);
    expect((await kim.join({ ticket: joined.body.ticket })).status).toBe(200);
  });

  test("is not asked for without end", async () => {
    await turnOn();
    const kim = await Member.named("kim");
    const statuses = await Promise.all(Array.from({ length: 31 }, async () => (await kim.join()).status));
    expect(statuses.filter((each) => each === 429)).toHaveLength(1);
    const { headers } = await kim.join();
    expect(headers.get("retry-after")).toMatch(/^[1-9]/);
  });
});

describe("the door", () => {
  test("gives a pass when it is one's turn, and the same again; until then it says how far it is", async () => {
    await turnOn({ maxActive: 1 });
    const { member, ticket, pass } = await admitted("kim");
    const again = await member.enter(ticket);
    expect([again.status, again.body.pass]).toEqual([200, pass]);
    expect(Date.parse(String(again.body.expiresAt))).toBe(given.clock.nowMs() + 600_000);
    const lee = await Member.named("lee");
    const choi = await Member.named("choi");
    const [lees, chois] = [await lee.ticket(), await choi.ticket()];
    await seconds(2);
    expect(await choi.enter(chois)).toMatchObject({
      status: 409,
      body: {
        code: "NOT_YET",
        retryable: true,
        reason: "WAITING",
        position: 2,
        etaSeconds: { p50: expect.any(Number), p90: expect.any(Number) },
        seatsLeft: 188,
        pollAfterMs: expect.any(Number),
      },
    });
    await turnOn({ maxActive: 2 });
    await seconds(2);
    expect((await lee.enter(lees)).status).toBe(201);
  });

  test("has those whose turn it is stand in line while passes are rare", async () => {
    await turnOn({ admitPerMinute: 1 });
    await admitted("kim");
    const lee = await Member.named("lee");
    const ticket = await lee.ticket();
    await seconds(2);
    expect(await lee.enter(ticket)).toMatchObject({ status: 409, body: { reason: "AT_DOOR", position: 1 } });
  });

  test("keeps those out who have no pass, and lets a retry of what was answered through", async () => {
    await turnOn();
    const { member, pass } = await admitted("kim");
    const other = await Member.named("lee");
    expect(await member.hold(null)).toMatchObject({
      status: 403,
      body: { code: "ADMISSION_REQUIRED", reason: "missing" },
    });
    expect(await other.hold(pass)).toMatchObject({ status: 403, body: { reason: "wrong-member" } });
    expect(await member.hold(`${pass}x`)).toMatchObject({ status: 403, body: { reason: "invalid" } });
    const held = await member.hold(pass, "key");
    expect(held.status).toBe(201);
    const again = await member.hold(null, "key");
    expect([again.status, again.body, again.headers.get("idempotency-replayed")]).toEqual([201, held.body, "true"]);
    expect(await member.hold(null, "key", "Somebody Else")).toMatchObject({
      status: 422,
      body: { code: "IDEMPOTENCY_KEY_REUSED" },
    });
    // Who holds seats pays and gives up without a pass.
    const paid = await member.send(
      "POST",
      `/api/v1/reservations/${held.body.id}/payments`,
      {},
      { "idempotency-key": "p" },
    );
    expect(paid.body.code).not.toBe("ADMISSION_REQUIRED");
    expect((await member.send("DELETE", `/api/v1/reservations/${held.body.id}`)).status).toBeLessThan(300);
    const { waitingRoom } = (await (await given.get(`/api/v1/flights/${FLIGHT}`)).json()) as { waitingRoom: string };
    expect(waitingRoom).toBe("open");
  });

  test("makes no flight look things up without end for somebody who has no pass", async () => {
    await turnOn();
    await seconds(1);
    const kim = await Member.named("kim");
    let looked = 0;
    const { host } = given.host;
    const deliver = host.deliver.bind(host);
    host.deliver = (command, answer) => {
      if (command.op === "hold") looked += 1;
      deliver(command, answer);
    };
    for (let attempt = 0; attempt < 30; attempt++) expect((await kim.hold(null)).status).toBe(403);
    expect(looked).toBeLessThanOrEqual(10);
  });
});

describe("the status", () => {
  test("is the same small answer for everybody, for a second in any cache, without cookies", async () => {
    await turnOn({ maxActive: 10 });
    await admitted("kim");
    await seconds(1);
    const { status: code, headers, body } = await status();
    expect(code).toBe(200);
    expect(headers.get("cache-control")).toBe("public, max-age=1");
    expect(headers.get("set-cookie")).toBeNull();
    expect(headers.get("content-type")).toStartWith("application/json");
    expect(body).toEqual({
      state: "open",
      epoch: 1,
      admitted: 1,
      joined: 1,
      ratePerMinute: expect.any(Number),
      seatsLeft: 188,
      opensAt: expect.any(String),
      seedHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      pollAfterMs: expect.any(Number),
      workBits: 0,
      beacon: null,
      frozen: { n: 0, root: expect.any(String) },
    });
    const authorized = await given.get(ROOM, { authorization: "Bearer nonsense", cookie: "access_token=x" });
    expect(await authorized.json()).toEqual(body);
  });

  test("of a room that was never on is off, and of no flight is none", async () => {
    expect((await status()).body).toMatchObject({ state: "off", epoch: 0, joined: 0, seedHash: null });
    expect((await status("/api/v1/flights/XX-1/waiting-room")).status).toBe(404);
  });

  test("comes by a stream as well: at once, and when it has changed", async () => {
    await turnOn();
    const reader = EventReader.of(await given.get(`${ROOM}/stream`));
    const next = async () => present(await reader.next(), "an event");
    expect(await next()).toMatchObject({ event: "status", data: { state: "open", joined: 0 } });
    await (await Member.named("kim")).join();
    await seconds(1);
    let heard = await next();
    if ((heard.data as { joined: number }).joined === 0) heard = await next();
    expect(heard).toMatchObject({ event: "status", data: { joined: 1 } });
    await turnOn({ mode: "paused" });
    expect(await next()).toMatchObject({ data: { state: "paused" } });
    await reader.cancel();
  });

  test("stream of a flight that is none is refused", async () => {
    expect((await given.get("/api/v1/flights/XX-1/waiting-room/stream")).status).toBe(404);
  });
});

describe("the draw", () => {
  test("is shown after the opening, for each place as well, and as a file", async () => {
    await turnOn({ opensAt: new Date(given.clock.nowMs() + 20_000).toISOString() });
    const names = ["kim", "lee", "choi"];
    for (const name of names)
      expect((await (await Member.named(name)).join()).body).toMatchObject({ state: "PREQUEUE", place: null });
    const { seedHash } = (await status()).body;
    expect(await status(`${ROOM}/proof`)).toMatchObject({ status: 409, body: { code: "NOT_OPEN_YET" } });
    await seconds(19);
    const frozen = (await status()).body.frozen as { n: number; root: string };
    expect(frozen.n).toBe(3);
    expect(await status(`${ROOM}/draw`)).toMatchObject({ status: 409, body: { code: "NOT_OPEN_YET" } });
    await seconds(2);
    const proof = (await status(`${ROOM}/proof?seq=2`)).body;
    expect(proof).toMatchObject({ seedHash, n: 3, root: frozen.root, beacon: { trusts: "OPERATOR" } });
    const lee = await (await Member.named("lee")).join();
    expect(lee.body.place).toBe(proof.rank);
    expect(await status(`${ROOM}/proof?seq=4`)).toMatchObject({ status: 400, body: { field: "seq" } });
    expect(await status(`${ROOM}/proof?seq=0`)).toMatchObject({ status: 400, body: { field: "seq" } });
    const file = await (await given.get(`${ROOM}/draw`)).text();
    expect(file).toContain(`root: ${frozen.root}`);
    expect(file.trimEnd()).toEndWith("end");
  });

  test("of a flight without a room is none", async () => {
    expect(await status(`${ROOM}/proof`)).toMatchObject({ status: 409, body: { code: "ROOM_OFF" } });
  });
});

describe("the operator", () => {
  test.each([
    [{ mode: "open" }, "mode"],
    [{}, "mode"],
    [{ mode: "on", maxActive: 0 }, "maxActive"],
    [{ mode: "on", maxActive: "5" }, "maxActive"],
    [{ mode: "on", admitPerMinute: 1.5 }, "admitPerMinute"],
    [{ mode: "on", passTtlMs: 10 }, "passTtlMs"],
    [{ mode: "on", opensAt: "soon" }, "opensAt"],
    [{ mode: "on", opensAt: "2099-01-01T00:00:00Z" }, "opensAt"],
    [{ mode: "on", registeredBefore: "2030-02-30T00:00:00Z" }, "registeredBefore"],
    [{ mode: "on", proofOfWork: "maybe" }, "proofOfWork"],
    [{ mode: "paused" }, "mode"],
    [{ mode: "on", color: "red" }, "color"],
  ])("is told which field of %j is wrong, and nothing changes", async (change, field) => {
    const root = await Member.named("root");
    const answer = await root.send("PUT", ADMIN_ROOM, change);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([400, "VALIDATION", field]);
    expect((await status()).body.state).toBe("off");
  });

  test("alone may change a room, and of a flight that there is", async () => {
    const kim = await Member.named("kim");
    expect(await kim.send("PUT", ADMIN_ROOM, { mode: "on" })).toMatchObject({
      status: 403,
      body: { code: "FORBIDDEN" },
    });
    const root = await Member.named("root");
    expect((await root.send("PUT", "/api/v1/admin/flights/XX-1/waiting-room", { mode: "on" })).status).toBe(404);
    expect(await root.send("GET", ADMIN_ROOM)).toMatchObject({ status: 409, body: { code: "ROOM_OFF" } });
  });

  test("sees what the room is set to, and how it was paced", async () => {
    const set = { maxActive: 5, admitPerMinute: 60, passTtlMs: 30_000, proofOfWork: "auto" };
    expect(await turnOn(set)).toMatchObject({ status: 200, body: { ...set, epoch: 1, mode: "on", state: "open" } });
    await admitted("kim");
    const { body } = await (await Member.named("root")).send("GET", ADMIN_ROOM);
    expect(body).toMatchObject({
      room: set,
      joined: 1,
      journal: expect.arrayContaining([expect.objectContaining({ called: 1 })]),
    });
  });
});

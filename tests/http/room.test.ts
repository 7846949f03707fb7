// Goal: the waiting room's routes keep to the contract: who gets what, what caches may keep, and what a member is told who can't go in.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { WorkSolver } from "../../queue/room/proof-of-work-solver.ts";
import { EventReader } from "../support/event-reader.ts";
import { FLIGHT, GivenRoomApp, ROOM } from "../support/given-room-app.ts";

let room: GivenRoomApp;

beforeEach(async () => {
  room = await GivenRoomApp.open();
});
afterEach(() => room.close());

describe("a place", () => {
  test("is given once, and is the same on every device, however it is asked for", async () => {
    await room.turnOn();
    await room.seconds(1);
    const kim = await room.member("kim");
    const first = await kim.join();
    expect([first.status, first.body]).toEqual([
      201,
      { ticket: expect.any(String), seq: 1, state: "WAITING", place: 1 },
    ]);
    expect(await (await room.member("kim")).join({})).toMatchObject({ status: 200, body: { seq: 1 } });
    expect(await (await room.member("lee")).join()).toMatchObject({ status: 201, body: { seq: 2 } });
    expect(await kim.join({ ticket: first.body.ticket })).toMatchObject({ status: 200, body: { seq: 1 } });
  });

  test.each([
    [
      "no token",
      async () => room.app.app.handle(new Request(`http://localhost:3000${ROOM}/tickets`, { method: "POST" })),
      401,
      "UNAUTHENTICATED",
    ],
  ])("is refused with %s", async (_, ask, code, name) => {
    const response = await ask();
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([code, name]);
  });

  test("is refused where there is no room, no flight, no sale, and with a ticket that is somebody else's", async () => {
    const kim = await room.member("kim");
    expect(await kim.join()).toMatchObject({ status: 409, body: { code: "ROOM_OFF" } });
    expect(await kim.send("POST", "/api/v1/flights/XX-1/waiting-room/tickets")).toMatchObject({
      status: 404,
      body: { code: "FLIGHT_NOT_FOUND" },
    });
    await room.turnOn();
    const lees = await (await room.member("lee")).ticket();
    for (const ticket of [lees, `${lees}x`, "x"]) {
      expect(await kim.join({ ticket })).toMatchObject({ status: 401, body: { code: "BAD_TICKET" } });
      expect(await kim.enter(ticket)).toMatchObject({ status: 401, body: { code: "BAD_TICKET" } });
    }
    await room.turnOn({ mode: "closed" });
    expect(await kim.join()).toMatchObject({ status: 409, body: { code: "SALE_CLOSED" } });
    expect(await kim.enter(lees)).toMatchObject({ status: 409, body: { code: "SALE_CLOSED" } });
  });

  test("is for accounts of before, when the operator says so", async () => {
    const kim = await room.member("kim");
    room.app.clock.advance(1_000);
    await room.turnOn({ registeredBefore: new Date(room.app.clock.nowMs()).toISOString() });
    room.app.clock.advance(1_000);
    const lee = await room.member("lee");
    expect((await kim.join()).status).toBe(201);
    expect(await lee.join()).toMatchObject({ status: 403, body: { code: "FORBIDDEN", reason: "registered-later" } });
    await room.turnOn({ registeredBefore: null });
    expect((await lee.join()).status).toBe(201);
  });

  test("costs work when the operator says so, once", async () => {
    await room.turnOn({ proofOfWork: "on" });
    await room.seconds(1);
    const kim = await room.member("kim");
    const refused = await kim.join();
    expect(refused).toMatchObject({ status: 403, body: { code: "WORK_REQUIRED", reason: "missing", bits: 18 } });
    expect((await room.read()).body.workBits).toBe(18);
    const proof = present(new WorkSolver(String(refused.body.challenge)).run(100_000_000), "a proof is found");
    expect(await (await room.member("lee")).join({ proofOfWork: proof })).toMatchObject({
      status: 403,
      body: { reason: "other" },
    });
    const joined = await kim.join({ proofOfWork: proof });
    expect(joined.status).toBe(201);
    expect((await kim.join({ ticket: joined.body.ticket })).status).toBe(200);
  });

  test("that is over costs its member what any other does: work, and an account of before", async () => {
    await room.turnOn({ passTtlMs: 5_000 });
    const { member, ticket } = await room.admitted("kim");
    await room.seconds(8);
    expect(await member.enter(ticket)).toMatchObject({ status: 409, body: { code: "PLACE_EXPIRED" } });
    await room.turnOn({ proofOfWork: "on" });
    const refused = await member.join({ ticket });
    expect(refused).toMatchObject({ status: 403, body: { code: "WORK_REQUIRED", reason: "missing" } });
    const proofOfWork = present(new WorkSolver(String(refused.body.challenge)).run(100_000_000), "a proof is found");
    await room.turnOn({ registeredBefore: new Date(0).toISOString() });
    expect(await member.join({ ticket, proofOfWork })).toMatchObject({
      status: 403,
      body: { code: "FORBIDDEN", reason: "registered-later" },
    });
    await room.turnOn({ registeredBefore: null });
    expect(await member.join({ ticket, proofOfWork })).toMatchObject({ status: 201, body: { seq: 2 } });
    await room.turnOn({ proofOfWork: "off" });
    const [lee, lees] = [await room.member("lee"), await (await room.member("lee")).ticket()];
    expect(await lee.join({ ticket: lees })).toMatchObject({ status: 200, body: { seq: 3 } });
  });

  test("is not asked for without end", async () => {
    await room.turnOn();
    const kim = await room.member("kim");
    const statuses = await Promise.all(Array.from({ length: 31 }, async () => (await kim.join()).status));
    expect(statuses.filter((each) => each === 429)).toHaveLength(1);
    const { headers } = await kim.join();
    expect(headers.get("retry-after")).toMatch(/^[1-9]/);
  });
});

describe("the door", () => {
  test("gives a pass when it is one's turn, and the same again; until then it says how far it is", async () => {
    await room.turnOn({ maxActive: 1 });
    const { member, ticket, pass } = await room.admitted("kim");
    const again = await member.enter(ticket);
    expect([again.status, again.body.pass]).toEqual([200, pass]);
    expect(Date.parse(String(again.body.expiresAt))).toBe(room.app.clock.nowMs() + 600_000);
    const lee = await room.member("lee");
    const choi = await room.member("choi");
    const [lees, chois] = [await lee.ticket(), await choi.ticket()];
    await room.seconds(2);
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
    await room.turnOn({ maxActive: 2 });
    await room.seconds(2);
    expect((await lee.enter(lees)).status).toBe(201);
  });

  test("has those whose turn it is stand in line while passes are rare", async () => {
    await room.turnOn({ admitPerMinute: 1 });
    await room.admitted("kim");
    const lee = await room.member("lee");
    const ticket = await lee.ticket();
    await room.seconds(2);
    expect(await lee.enter(ticket)).toMatchObject({ status: 409, body: { reason: "AT_DOOR", position: 1 } });
  });

  test("keeps those out who have no pass, and lets a retry of what was answered through", async () => {
    await room.turnOn();
    const { member, pass } = await room.admitted("kim");
    const other = await room.member("lee");
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
    const { waitingRoom } = (await (await room.app.get(`/api/v1/flights/${FLIGHT}`)).json()) as { waitingRoom: string };
    expect(waitingRoom).toBe("open");
  });

  test("makes no flight look things up without end for somebody who has no pass", async () => {
    await room.turnOn();
    await room.seconds(1);
    const kim = await room.member("kim");
    let looked = 0;
    const { host } = room.app.host;
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
    await room.turnOn({ maxActive: 10 });
    await room.admitted("kim");
    await room.seconds(1);
    const { status: code, headers, body } = await room.read();
    expect(code).toBe(200);
    expect(headers.get("cache-control")).toBe("public, max-age=1");
    expect(headers.get("set-cookie")).toBeNull();
    expect(headers.get("content-type")).toStartWith("application/json");
    expect(body).toEqual({
      state: "open",
      epoch: 1,
      admitted: 1,
      joined: 1,
      waiting: 0,
      ratePerMinute: expect.any(Number),
      seatsLeft: 188,
      opensAt: expect.any(String),
      seedHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      pollAfterMs: expect.any(Number),
      workBits: 0,
      beacon: null,
      frozen: { n: 0, root: expect.any(String) },
    });
    const authorized = await room.app.get(ROOM, { authorization: "Bearer nonsense", cookie: "access_token=x" });
    expect(await authorized.json()).toEqual(body);
  });

  test("of a room that was never on is off, and of no flight is none", async () => {
    expect((await room.read()).body).toMatchObject({ state: "off", epoch: 0, joined: 0, seedHash: null });
    expect((await room.read("/api/v1/flights/XX-1/waiting-room")).status).toBe(404);
  });

  test("comes by a stream as well: at once, and when it has changed", async () => {
    await room.turnOn();
    const reader = EventReader.of(await room.app.get(`${ROOM}/stream`));
    const next = async () => present(await reader.next(), "an event");
    expect(await next()).toMatchObject({ event: "status", data: { state: "open", joined: 0 } });
    await (await room.member("kim")).join();
    await room.seconds(1);
    let heard = await next();
    if ((heard.data as { joined: number }).joined === 0) heard = await next();
    expect(heard).toMatchObject({ event: "status", data: { joined: 1 } });
    await room.turnOn({ mode: "paused" });
    expect(await next()).toMatchObject({ data: { state: "paused" } });
    await reader.cancel();
  });

  test("stream of a flight that is none is refused", async () => {
    expect((await room.app.get("/api/v1/flights/XX-1/waiting-room/stream")).status).toBe(404);
  });
});

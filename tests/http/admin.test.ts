// Goal: operators add flights, read journals without personal data, and see who owns the shards; members can't.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { MIN_READER } from "../../actors/domain/event.ts";
import { flightIdOf } from "../../db/catalogue/planned-flight.ts";
import { FLIGHT_ID } from "../support/given.ts";
import { type AnsweredBody, type Caller, GivenShop } from "../support/given-shop.ts";

const JOURNAL = `/api/v1/admin/flights/${FLIGHT_ID}/journal`;

const FLIGHT = {
  airline: "PG",
  number: "777A",
  origin: "GMP",
  destination: "CJU",
  departsAt: "2030-03-01T08:30+09:00",
  arrivesAt: "2030-03-01T09:40:30+09:00",
  aircraft: "738",
  cabins: [
    { cabin: "J", capacity: 8, fare: { amount: 300_000, currency: "KRW" } },
    { cabin: "Y", capacity: 150, fare: { amount: 90_000, currency: "KRW" } },
  ],
};

let shop: GivenShop;
let admin: Caller;
let kim: Caller;

beforeAll(async () => {
  shop = await GivenShop.open();
  admin = await shop.as("root", "ADMIN");
  kim = await shop.as("kim");
});

afterAll(() => shop.close());

describe("the routes of operators", () => {
  const routes: [method: string, path: string, body?: object][] = [
    ["POST", "/api/v1/admin/flights", FLIGHT],
    ["GET", JOURNAL],
    ["GET", "/api/v1/admin/flights/PG-404/journal"],
    ["GET", "/api/v1/admin/hosts"],
  ];

  test.each(routes)("are closed to others: %s %s", async (method, path, body) => {
    const member = await kim.send(method, path, body);
    const nobody = await shop.nobody().send(method, path, body);
    expect([member.status, member.body.code]).toEqual([403, "FORBIDDEN"]);
    expect([nobody.status, nobody.body.code]).toEqual([401, "UNAUTHENTICATED"]);
  });
});

describe("POST /admin/flights", () => {
  test("adds a flight, which is on sale at once", async () => {
    const { status, headers, body } = await admin.post("/api/v1/admin/flights", FLIGHT);
    const id = flightIdOf("PG", 777, "A", "2030-03-01", "GMP");
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/api/v1/flights/${id}`);
    expect(body as unknown).toEqual({
      id,
      airline: "PG",
      number: "777A",
      origin: "GMP",
      destination: "CJU",
      departsAt: "2030-02-28T23:30:00.000Z",
      arrivesAt: "2030-03-01T00:40:30.000Z",
      departsLocal: "2030-03-01T08:30:00+09:00",
      arrivesLocal: "2030-03-01T09:40:30+09:00",
      aircraft: "738",
      status: "SCHEDULED",
      cabins: [
        { cabin: "J", capacity: 8, free: 8, lowestFare: { amount: 300_000, currency: "KRW" } },
        { cabin: "Y", capacity: 150, free: 150, lowestFare: { amount: 90_000, currency: "KRW" } },
      ],
      waitingRoom: "off",
    });
    const held = await kim.hold([], undefined, id);
    expect([held.status, held.body.total]).toEqual([201, { amount: 90_000, currency: "KRW" }]);
  });

  test("changes no flight that is there", async () => {
    const other = { ...FLIGHT, number: "778" };
    expect((await admin.post("/api/v1/admin/flights", other)).status).toBe(201);
    const again = await admin.post("/api/v1/admin/flights", other);
    const otherwise = await admin.post("/api/v1/admin/flights", { ...other, aircraft: "77W" });
    expect([again.status, again.body.code]).toEqual([409, "FLIGHT_EXISTS"]);
    expect([otherwise.status, otherwise.body.code]).toEqual([409, "FLIGHT_EXISTS"]);
  });

  const [business, economy] = FLIGHT.cabins;
  const wrong: [field: string, change: object][] = [
    ["airline", { airline: "pg" }],
    ["number", { number: "0101" }],
    ["number", { number: 101 }],
    ["destination", { destination: "GMP" }],
    ["departsAt", { departsAt: "2030-02-30T08:30:00+09:00" }],
    ["departsAt", { departsAt: "2030-03-01T24:30:00+09:00" }],
    ["departsAt", { departsAt: "2030-03-01T08:30:00" }],
    ["departsAt", { departsAt: "2030-03-01T08:30:00+99:99" }],
    ["departsAt", { departsAt: "2029-12-31T08:30:00+09:00" }],
    ["departsAt", { departsAt: "2095-01-01T08:30:00+09:00", arrivesAt: "2095-01-01T09:40:00+09:00" }],
    ["departsAt", { departsAt: "9999-12-31T23:00:00-12:00", arrivesAt: "9999-12-31T23:59:00-12:00" }],
    ["arrivesAt", { arrivesAt: "2030-03-01T08:30+09:00" }],
    ["arrivesAt", { arrivesAt: "2031-03-01T09:40+09:00" }],
    ["aircraft", { aircraft: "Boeing" }],
    ["cabins", { cabins: [] }],
    ["cabins[1].cabin", { cabins: [economy, economy] }],
    ["cabins", { cabins: [business, { ...economy, capacity: 992 }] }],
    ["cabins[0].capacity", { cabins: [{ ...economy, capacity: 0 }] }],
    ["cabins[0].capacity", { cabins: [{ ...economy, capacity: "150" }] }],
    ["cabins[0].fare.amount", { cabins: [{ ...economy, fare: { amount: 0.5, currency: "KRW" } }] }],
    ["cabins[1].fare.currency", { cabins: [business, { ...economy, fare: { amount: 90, currency: "USD" } }] }],
    ["seats", { seats: 10 }],
  ];

  test.each(wrong)("names %s in %j", async (field, change) => {
    const { status, body } = await admin.post("/api/v1/admin/flights", { ...FLIGHT, number: "900", ...change });
    expect([status, body.code, body.field]).toEqual([400, "VALIDATION", field]);
    expect((await kim.hold([], undefined, "PG-900-2030-03-01-GMP")).body.code).toBe("FLIGHT_NOT_FOUND");
  });
});

describe("GET /admin/flights/{id}/journal", () => {
  test("tells what happened, and nothing by which a person is known or a payment reached", async () => {
    const held = await kim.post(
      `/api/v1/flights/${FLIGHT_ID}/reservations`,
      { passengers: [{ name: "Gildong Unmistakable", birthDate: "1980-01-01", seat: "1A" }] },
      "my-own-key",
    );
    const payment = await kim.post(`/api/v1/reservations/${held.body.id}/payments`, {});
    await kim.hold(["1A"], "refused");
    const { status, text, body } = await admin.get(JOURNAL);
    expect(status).toBe(200);
    const [first, second, third, fourth] = body.items as unknown as { turns: unknown[] }[];
    expect(first?.turns).toEqual([
      {
        at: "2030-01-01T00:00:00.000Z",
        events: [expect.objectContaining({ type: "held", passengers: [{ type: "ADT", seat: "1A" }], member: "kim" })],
        answered: { op: "hold", outcome: "OK" },
      },
    ]);
    expect(second?.turns).toEqual([expect.objectContaining({ answered: { op: "begin-payment", outcome: "OK" } })]);
    expect(third?.turns).toEqual([
      expect.objectContaining({ events: [{ type: "payment-opened", attempt: payment.body.id }] }),
    ]);
    expect(fourth?.turns).toEqual([
      expect.objectContaining({ events: [], answered: { op: "hold", outcome: "SEAT_TAKEN" } }),
    ]);
    for (const secret of ["Unmistakable", "1980-01-01", "my-own-key", payment.body.checkoutUrl, '"person"']) {
      expect(text).not.toContain(secret);
    }
  });

  test("comes page by page, by version", async () => {
    const whole = (await admin.get(JOURNAL)).body;
    const versions: number[] = [];
    let after: number | null = 0;
    while (after !== null) {
      const { items, next }: AnsweredBody = (await admin.get(`${JOURNAL}?size=2&after=${after}`)).body;
      versions.push(...items.map(({ version }) => version));
      after = next;
    }
    expect(versions).toEqual(whole.items.map(({ version }) => version));
    expect(versions).toEqual(versions.map((_, at) => at + 1));
  });

  test("is empty for a flight on which nothing has happened, and there is none for no flight", async () => {
    await admin.post("/api/v1/admin/flights", { ...FLIGHT, number: "779" });
    const quiet = await admin.get("/api/v1/admin/flights/PG-779-2030-03-01-GMP/journal");
    expect([quiet.status, quiet.body.items, quiet.body.next]).toEqual([200, [], null]);
    for (const flightId of ["PG-404", "%FF"]) {
      const { status, body } = await admin.get(`/api/v1/admin/flights/${flightId}/journal`);
      expect([status, body.code]).toEqual([404, "FLIGHT_NOT_FOUND"]);
    }
  });

  test.each(["after=-1", "after=x", "size=101", "page=1"])("refuses ?%s", async (query) => {
    const { status, body } = await admin.get(`${JOURNAL}?${query}`);
    expect([status, body.code, body.field]).toEqual([400, "VALIDATION", query.split("=")[0] ?? ""]);
  });
});

describe("GET /admin/hosts", () => {
  test("says who owns how many shards, the dead with them", async () => {
    const dead = {
      incarnation: "dead",
      host_id: "other",
      weight: 2,
      expires_at: Date.UTC(2029, 0, 1),
      bus_ok_at: Date.UTC(2029, 0, 1),
      fenced: 1,
      min_reader: 1,
    };
    await shop.host.db.write.insertInto("hosts").values(dead).execute();
    const { body } = await admin.get("/api/v1/admin/hosts");
    expect(body.items as unknown).toEqual([
      {
        incarnation: expect.any(String),
        hostId: "test",
        weight: 1,
        expiresAt: null,
        busOkAt: "2030-01-01T00:00:00.000Z",
        fenced: false,
        minReader: MIN_READER,
        shards: 256,
      },
      {
        incarnation: "dead",
        hostId: "other",
        weight: 2,
        expiresAt: "2029-01-01T00:00:00.000Z",
        busOkAt: "2029-01-01T00:00:00.000Z",
        fenced: true,
        minReader: 1,
        shards: 0,
      },
    ]);
    expect([body.page, body.size, body.total]).toEqual([1, 20, 2]);
  });

  test("says who owns which shard, and of one without an owner that nobody does", async () => {
    const { db } = shop.host;
    await db.write.updateTable("shards").set({ owner: null, epoch: 7 }).where("shard", "=", 3).execute();
    const { body } = await admin.get("/api/v1/admin/shards");
    const shards = body.items as unknown as { shard: number; epoch: number; owner: string | null }[];
    expect(shards.map(({ shard }) => shard)).toEqual(Array.from({ length: 256 }, (_none, shard) => shard));
    expect(shards[3]).toEqual({ shard: 3, epoch: 7, owner: null });
    expect(shards[4]?.owner).toEqual(expect.any(String));
  });
});

describe("the stages", () => {
  test("are shown to admins alone, and not by a process that does not gather them", async () => {
    for (const path of ["/api/v1/admin/stages", "/api/v1/admin/stages/stream"]) {
      expect((await kim.get(path)).body.code).toBe("FORBIDDEN");
      const { status, body } = await admin.get(path);
      expect([status, body.code]).toEqual([503, "UNAVAILABLE"]);
    }
  });
});

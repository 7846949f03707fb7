// Goal: the seat map shows whoever holds a seat that it is held, costs one read however many ask, and lets caches ask again for little.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SeatMaps } from "../../http/live/seat-maps.ts";
import { FLIGHT_ID, givenPlan } from "../support/given.ts";
import { GivenShop } from "../support/given-shop.ts";

const PATH = `/api/v1/flights/${FLIGHT_ID}/seats`;

let shop: GivenShop;
/** Passed by each answer of a flight on its way back. */
let wayBack: () => Promise<void> = () => Promise.resolve();
let reads = 0;

beforeAll(async () => {
  shop = await GivenShop.open({
    plans: [givenPlan(), givenPlan({ flightId: "PG-2" })],
    around: (flights) => ({
      async call(request) {
        const answer = await flights.call(request);
        if (request.op !== "seat-map") return answer;
        reads += 1;
        await wayBack();
        return answer;
      },
    }),
  });
});

afterAll(() => shop.close());

describe("GET /flights/{id}/seats", () => {
  test("shows every seat, with its price and state", async () => {
    const { status, headers, body } = await shop.nobody().get(PATH);
    expect(status).toBe(200);
    expect([body.flightId, body.version, body.seats.length]).toEqual([FLIGHT_ID, 0, 60]);
    expect(body.seats[0]).toEqual({
      seat: "1A",
      cabin: "Y",
      price: { amount: 90_000, currency: "KRW" },
      state: "free",
      features: ["WINDOW", "FRONT"],
    } as never);
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("cache-control")).toBe("public, no-cache");
    expect(headers.get("set-cookie")).toBeNull();
  });

  test("is the same for everybody, whatever credentials come with the request", async () => {
    const plain = await shop.nobody().get(PATH);
    const odd = await shop.nobody().get(PATH, { authorization: "Bearer nonsense", cookie: "access=nonsense" });
    expect([odd.status, odd.text, odd.headers.get("etag")]).toEqual([200, plain.text, plain.headers.get("etag")]);
  });

  test("changes its tag with a seat, and only then", async () => {
    const kim = await shop.as("kim");
    const tagOf = async () => (await shop.nobody().get(PATH)).headers.get("etag") ?? "";
    const before = await tagOf();
    expect(before).toMatch(/^"[^"]+"$/);
    for (const ifNoneMatch of [before, `W/${before}`, `"other", ${before}`, "*"]) {
      const { status, text, headers } = await shop.nobody().get(PATH, { "if-none-match": ifNoneMatch });
      expect([status, text, headers.get("etag")]).toEqual([304, "", before]);
      expect(headers.get("cache-control")).toBe("public, no-cache");
    }
    await kim.hold(["99Z"]);
    expect(await tagOf()).toBe(before);
    await kim.hold(["1A"]);
    const { status, body } = await shop.nobody().get(PATH, { "if-none-match": before });
    expect([status, body.version, body.seats[0]]).toEqual([200, 1, expect.objectContaining({ state: "held" })]);
  });

  test("is answered by a read that began after the request, one for all who wait", async () => {
    const kim = await shop.as("kim");
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    reads = 0;
    wayBack = () => opened;
    const old = shop.nobody().get(PATH);
    while (reads === 0) await Bun.sleep(1);
    // The flight has answered the first read already, and now a seat is held.
    expect((await kim.hold(["2A"])).status).toBe(201);
    const fresh = Array.from({ length: 50 }, () => shop.nobody().get(PATH));
    await Bun.sleep(0);
    expect(reads).toBe(1);
    open();
    wayBack = () => Promise.resolve();
    const stateOf2A = ({ body }: Awaited<typeof old>) =>
      body.seats.flatMap((each) => (typeof each !== "string" && each.seat === "2A" ? [each.state] : []))[0];
    expect(stateOf2A(await old)).toBe("free");
    expect((await Promise.all(fresh)).map(stateOf2A)).toEqual(fresh.map(() => "held"));
    expect(reads).toBe(2);
  });

  test("asks again for those who waited when the read before theirs has failed", async () => {
    reads = 0;
    const { promise: failing, reject: fail } = Promise.withResolvers<void>();
    wayBack = () => failing;
    const first = shop.nobody().get(PATH);
    while (reads === 0) await Bun.sleep(1);
    const second = shop.nobody().get(PATH);
    await Bun.sleep(0);
    wayBack = () => Promise.resolve();
    fail(new Error("the way back is blocked"));
    expect([(await first).status, (await second).status]).toEqual([500, 200]);
  });

  test.each(["PG-404-NOWHERE", "no%20flight", "%FF"])("knows no flight %s", async (flightId) => {
    const { status, body } = await shop.nobody().get(`/api/v1/flights/${flightId}/seats`);
    expect([status, body.code]).toEqual([404, "FLIGHT_NOT_FOUND"]);
  });
});

describe("SeatMaps", () => {
  test("writes a version out once, and forgets the flight that was asked for longest ago", async () => {
    const seatMaps = new SeatMaps(shop.host.client, { keptMax: 1 });
    const first = await seatMaps.read(FLIGHT_ID);
    expect(await seatMaps.read(FLIGHT_ID)).toBe(first);
    await seatMaps.read("PG-2");
    const again = await seatMaps.read(FLIGHT_ID);
    expect(again).not.toBe(first);
    expect(again).toEqual(first);
  });
  test("shares nothing where it is told so: each who asks has a read of their own", async () => {
    const seatMaps = new SeatMaps(shop.host.client, { sharesReads: false });
    const [first, second] = await Promise.all([seatMaps.read(FLIGHT_ID), seatMaps.read(FLIGHT_ID)]);
    expect(second).not.toBe(first);
    expect(second).toEqual(first);
  });
});

// Goal: searches give the flights that match and no others, in the order asked for, page by page, along an index, and only when they changed.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { flightIdOf, localIso, type PlannedFlight } from "../../db/catalogue/planned-flight.ts";
import { flightPage } from "../../db/read/catalogue.ts";
import type { FlightFilter } from "../../http/catalogue/catalogue-reader.ts";
import type { WaitingRoom } from "../../queue/room/waiting-room.ts";
import { GivenApp } from "../support/given-app.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 2030-01-01T00:00Z, where the clock stands. */
const NOW_MS = Date.UTC(2030, 0, 1);
const SEOUL_MINUTES = 540;

interface Given {
  readonly number: number;
  readonly route: readonly [origin: string, destination: string];
  readonly departsAtMs: number;
  readonly hours?: number;
  readonly fare?: number;
}

function flight({ number, route: [origin, destination], departsAtMs, hours = 1, fare = 50_000 }: Given): PlannedFlight {
  const departsLocal = localIso(departsAtMs, SEOUL_MINUTES);
  const localDate = departsLocal.slice(0, 10);
  const arrivesAtMs = departsAtMs + hours * HOUR_MS;
  return {
    id: flightIdOf("PG", number, undefined, localDate, origin),
    airline: "PG",
    number,
    origin,
    destination,
    departsAtMs,
    arrivesAtMs,
    departsLocal,
    arrivesLocal: localIso(arrivesAtMs, SEOUL_MINUTES),
    localDate,
    aircraft: "738",
    cabins: [
      { cabin: "J", capacity: 8, fare: { amount: 3 * fare, currency: "KRW" } },
      { cabin: "Y", capacity: 150, fare: { amount: fare, currency: "KRW" } },
    ],
  };
}

/** A day as Seoul counts it, 2030-01-`day`, at `hour` local time. */
const inSeoul = (day: number, hour: number): number => Date.UTC(2030, 0, day, hour) - SEOUL_MINUTES * 60_000;

const FLIGHTS = [
  flight({ number: 1, route: ["GMP", "CJU"], departsAtMs: NOW_MS - HOUR_MS }),
  flight({ number: 2, route: ["GMP", "CJU"], departsAtMs: inSeoul(2, 7), hours: 3, fare: 70_000 }),
  flight({ number: 3, route: ["GMP", "CJU"], departsAtMs: inSeoul(2, 23), hours: 2, fare: 60_000 }),
  flight({ number: 4, route: ["GMP", "CJU"], departsAtMs: inSeoul(3, 6), hours: 1, fare: 80_000 }),
  flight({ number: 5, route: ["CJU", "GMP"], departsAtMs: inSeoul(2, 9) }),
  flight({ number: 6, route: ["GMP", "PUS"], departsAtMs: inSeoul(2, 8) }),
  flight({ number: 7, route: ["ICN", "NRT"], departsAtMs: inSeoul(2, 8) }),
  flight({ number: 8, route: ["QQQ", "NRT"], departsAtMs: inSeoul(9, 8) }),
];

const waitingRoom: WaitingRoom = {
  state: (id) => (id.startsWith("PG-4-") ? "prequeue" : "off"),
  admits: () => ({ admitted: true }),
};

let given: GivenApp;

beforeAll(async () => {
  given = await GivenApp.open({ flights: FLIGHTS, waitingRoom });
});

afterAll(() => given.close());

interface Found {
  readonly items: readonly { readonly number: string; readonly id: string; readonly code: string }[];
  readonly page: number;
  readonly size: number;
  readonly total: number;
}

async function search(query: string): Promise<Found> {
  const response = await given.get(`/api/v1/flights${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Found;
}

async function numbers(query: string): Promise<string> {
  return (await search(query)).items.map(({ number }) => number).join(" ");
}

describe("GET /flights", () => {
  test.each([
    ["", "1 2 6 7 5 3 4 8"],
    ["?origin=GMP", "1 2 6 3 4"],
    ["?destination=NRT", "7 8"],
    ["?origin=GMP&destination=CJU", "1 2 3 4"],
    ["?origin=CJU&destination=GMP", "5"],
    ["?origin=GMP&destination=NRT", ""],
    ["?origin=GMP&destination=CJU&from=2030-01-02&to=2030-01-02", "2 3"],
    ["?origin=GMP&destination=CJU&from=2030-01-03", "4"],
    ["?origin=GMP&destination=CJU&to=2030-01-01", "1"],
    // Local dates: in UTC, flight 2 leaves on the first of January.
    ["?from=2030-01-02&to=2030-01-02", "2 6 7 5 3"],
    ["?from=2031-01-01", ""],
  ])("%s finds %p", async (query, found) => {
    expect(await numbers(query)).toBe(found);
  });

  test.each([
    ["departsAt", "2 3 4"],
    ["-departsAt", "4 3 2"],
    ["price", "3 2 4"],
    ["-price", "4 2 3"],
    ["duration", "4 3 2"],
    ["-duration", "2 3 4"],
  ])("sort=%s gives %p", async (sort, found) => {
    expect(await numbers(`?origin=GMP&destination=CJU&from=2030-01-02&sort=${sort}`)).toBe(found);
  });

  test("pages follow each other without a gap, and say how many there are in all", async () => {
    const pages = await Promise.all([1, 2, 3, 4].map((page) => search(`?size=3&page=${page}`)));
    expect(pages.map(({ items }) => items.map(({ number }) => number).join(" "))).toEqual([
      "1 2 6",
      "7 5 3",
      "4 8",
      "",
    ]);
    expect(pages.map(({ page, size, total }) => ({ page, size, total }))).toEqual(
      [1, 2, 3, 4].map((page) => ({ page, size: 3, total: FLIGHTS.length })),
    );
    expect(await search("")).toMatchObject({ page: 1, size: 20 });
  });

  test.each([
    ["?origin=gmp", "origin"],
    ["?origin=GMPX", "origin"],
    ["?destination=", "destination"],
    ["?from=2030-02-30", "from"],
    ["?to=tomorrow", "to"],
    ["?from=2030-01-02&to=2030-01-01", "to"],
    ["?page=0", "page"],
    ["?page=10001", "page"],
    ["?size=101", "size"],
    ["?size=ten", "size"],
    ["?sort=seats", "sort"],
    ["?cabin=Y", "cabin"],
  ])("%s is a 400 that names %s", async (query, field) => {
    const response = await given.get(`/api/v1/flights${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "VALIDATION", field });
  });
});

describe("GET /flights/{id}", () => {
  test("is the flight as the contract has it", async () => {
    const response = await given.get("/api/v1/flights/PG-4-2030-01-03-GMP");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      id: "PG-4-2030-01-03-GMP",
      airline: "PG",
      number: "4",
      origin: "GMP",
      destination: "CJU",
      departsAt: "2030-01-02T21:00:00.000Z",
      arrivesAt: "2030-01-02T22:00:00.000Z",
      departsLocal: "2030-01-03T06:00:00+09:00",
      arrivesLocal: "2030-01-03T07:00:00+09:00",
      aircraft: "738",
      status: "SCHEDULED",
      cabins: [
        { cabin: "J", capacity: 8, free: 8, lowestFare: { amount: 240_000, currency: "KRW" } },
        { cabin: "Y", capacity: 150, free: 150, lowestFare: { amount: 80_000, currency: "KRW" } },
      ],
      waitingRoom: "prequeue",
    });
  });

  test("has departed when its time has come", async () => {
    const response = await given.get("/api/v1/flights/PG-1-2030-01-01-GMP");
    expect(await response.json()).toMatchObject({ status: "DEPARTED", waitingRoom: "off" });
  });

  test.each(["PG-9-2030-01-03-GMP", "null", "%00", "a%20b", "x".repeat(49)])("%s is no flight", async (id) => {
    const response = await given.get(`/api/v1/flights/${id}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "FLIGHT_NOT_FOUND", retryable: false });
  });
});

describe("GET /airports", () => {
  test("lists those that are served, by code, and what is known of them", async () => {
    const found = (await (await given.get("/api/v1/airports")).json()) as Found;
    expect(found.items.map(({ code }) => code)).toEqual(["CJU", "GMP", "ICN", "NRT", "PUS", "QQQ"]);
    expect(found.items[1]).toMatchObject({
      name: "Gimpo International Airport",
      country: "KR",
      timeZone: "Asia/Seoul",
    });
    expect(found.items[5]).toEqual({
      code: "QQQ",
      name: "QQQ",
      city: null,
      country: null,
      timeZone: null,
    } as object as never);
    expect(found.total).toBe(6);
  });

  test("comes in pages as well", async () => {
    const found = (await (await given.get("/api/v1/airports?page=2&size=4")).json()) as Found;
    expect(found.items.map(({ code }) => code)).toEqual(["PUS", "QQQ"]);
    expect(found).toMatchObject({ page: 2, size: 4, total: 6 });
  });
});

describe("entity tags", () => {
  test.each(["/api/v1/flights?origin=GMP", "/api/v1/flights/PG-4-2030-01-03-GMP", "/api/v1/airports"])(
    "%s is answered 304 to who has it already",
    async (path) => {
      const first = await given.get(path);
      const etag = first.headers.get("etag") ?? "";
      expect(etag).toMatch(/^"[0-9a-z]+"$/);
      expect(first.headers.get("cache-control")).toBe("no-cache");
      for (const held of [etag, `"other", ${etag}`, `W/${etag}`, "*"]) {
        const again = await given.get(path, { "if-none-match": held });
        expect(again.status).toBe(304);
        expect(again.headers.get("etag")).toBe(etag);
        expect(await again.text()).toBe("");
      }
      expect((await given.get(path, { "if-none-match": '"other"' })).status).toBe(200);
    },
  );

  test("changes when a seat is sold", async () => {
    const path = "/api/v1/flights/PG-7-2030-01-02-ICN";
    const before = (await given.get(path)).headers.get("etag") ?? "";
    const { reply } = await given.host.client.call({
      flightId: "PG-7-2030-01-02-ICN",
      op: "hold",
      args: { passengers: [{ name: "KIM MINJI", type: "ADT" }], prefer: { cabin: "Y" } },
      member: "member-1",
      key: "key-1",
      fingerprint: "one",
    });
    expect(reply.ok).toBe(true);
    const after = await given.get(path, { "if-none-match": before });
    expect(after.status).toBe(200);
    expect(await after.json()).toMatchObject({ cabins: [{ free: 8 }, { free: 149 }] });
  });
});

describe("the database's plan", () => {
  async function plan(filter: FlightFilter): Promise<string> {
    const order = { by: "price", descending: false } as const;
    const { sql, parameters } = flightPage(given.host.db.read, filter, order, { page: 1, size: 20 }).compile();
    const explained = await given.host.db.read.executeQuery<{ readonly detail: string }>({
      ...flightPage(given.host.db.read, filter, order, { page: 1, size: 20 }).compile(),
      sql: `explain query plan ${sql}`,
      parameters,
    });
    return explained.rows.map(({ detail }) => detail).join("\n");
  }

  const ROUTE = { origin: "GMP", destination: "CJU" };
  const DAYS = { from: "2030-01-02", to: "2030-01-05" };

  test.each([
    [
      "route and days",
      { ...ROUTE, ...DAYS },
      "flight_by_route (origin=? AND destination=? AND departs_on>? AND departs_on<?)",
    ],
    [
      "a route and a first day",
      { ...ROUTE, from: DAYS.from },
      "flight_by_route (origin=? AND destination=? AND departs_on>?)",
    ],
    ["a route", ROUTE, "flight_by_route (origin=? AND destination=?)"],
    ["an origin", { origin: "GMP" }, "flight_by_route (origin=?)"],
    ["days", DAYS, "flight_by_day (departs_on>? AND departs_on<?)"],
  ])("%s are searched along an index", async (_, filter, index) => {
    const steps = await plan(filter);
    expect(steps).toContain(`SEARCH flight USING INDEX ${index}`);
    expect(steps).not.toContain("SCAN");
  });
});

test("the calendar's midnight belongs to its day", async () => {
  const midnight = await GivenApp.open({
    flights: [flight({ number: 9, route: ["GMP", "CJU"], departsAtMs: inSeoul(5, 0) })],
  });
  const found = async (query: string) => (await (await midnight.get(`/api/v1/flights?${query}`)).json()) as Found;
  expect((await found("from=2030-01-05&to=2030-01-05")).total).toBe(1);
  expect((await found("to=2030-01-04")).total).toBe(0);
  expect(inSeoul(5, 0)).toBe(NOW_MS + 4 * DAY_MS - 9 * HOUR_MS);
  await midnight.close();
});

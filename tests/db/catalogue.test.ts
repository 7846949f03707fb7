/** Goal: airports are those of the data package, fares follow their written rule, and the demo timetable is one that could fly. */

import { describe, expect, test } from "bun:test";
import { FLIGHT_ID } from "../../actors/domain/ids.ts";
import { distanceKm, loadAirports } from "../../db/catalogue/airports.ts";
import { DEMO_DAYS, demoTimetable } from "../../db/catalogue/demo.ts";
import { fareFor, flownKm } from "../../db/catalogue/fares.ts";
import { localIso } from "../../db/catalogue/planned-flight.ts";

const airports = await loadAirports();
const airport = (code: string) => {
  const found = airports.find(code);
  if (found === undefined) throw new Error(`${code} should be known`);
  return found;
};

describe("loadAirports()", () => {
  test("knows names, cities, countries and time zones", () => {
    expect(airports.find("ICN")).toMatchObject({
      code: "ICN",
      name: "Incheon International Airport",
      city: "Seoul",
      country: "KR",
      countryName: "South Korea",
      timeZone: "Asia/Seoul",
    });
    for (const code of ["RUN", "DZA", "MRU", "GMP", "CJU", "PUS"]) expect(airport(code).code).toBe(code);
    expect(airports.find("QQQ")).toBeUndefined();
  });

  test("every airport has a time zone that the runtime knows, and a place on earth", () => {
    const zones = new Set(airports.all().map((each) => each.timeZone));
    for (const timeZone of zones) expect(() => new Intl.DateTimeFormat("en", { timeZone })).not.toThrow();
    expect(airports.all().every((each) => Math.abs(each.latitude) <= 90 && Math.abs(each.longitude) <= 180)).toBe(true);
  });

  test("distanceKm() is the great circle", () => {
    expect(Math.round(distanceKm(airport("JFK"), airport("LHR")) / 10) * 10).toBe(5540);
    expect(distanceKm(airport("ICN"), airport("ICN"))).toBe(0);
  });
});

describe("fareFor()", () => {
  test("is 30,000 won and 75 won a kilometre, by the factor of the cabin, in thousands", () => {
    expect(fareFor("Y", 0)).toEqual({ amount: 30_000, currency: "KRW" });
    expect(fareFor("Y", 1_000)).toEqual({ amount: 105_000, currency: "KRW" });
    expect(fareFor("W", 1_000).amount).toBe(168_000);
    expect(fareFor("J", 1_000).amount).toBe(315_000);
    expect(fareFor("F", 1_000).amount).toBe(525_000);
    expect(fareFor("C", 1_234.5).amount).toBe(368_000);
  });

  test("an unknown airport's distance comes from the block time", () => {
    expect(flownKm(airports, "ICN", "QQQ", 90)).toBe(800);
    expect(flownKm(airports, "ICN", "QQQ", 20)).toBe(0);
  });
});

test("localIso() writes offsets of either sign", () => {
  const atMs = Date.parse("2026-12-01T00:00:00Z");
  expect(localIso(atMs, 540)).toBe("2026-12-01T09:00:00+09:00");
  expect(localIso(atMs, -210)).toBe("2026-11-30T20:30:00-03:30");
  expect(localIso(atMs, 0)).toBe("2026-12-01T00:00:00+00:00");
});

describe("demoTimetable()", () => {
  // Europe, America and Australia all change their clocks within these 30 days.
  const nowMs = Date.parse("2026-10-01T23:17:00Z");
  const flights = demoTimetable(airports, nowMs);

  test("joins the 19 airports of the original service", () => {
    const used = new Set(flights.flatMap(({ origin, destination }) => [origin, destination]));
    const original = "AMS ATL CDG CJJ CJU DEN DXB FRA GMP HND ICN JFK LAX LHR ORD PEK SFO SIN SYD".split(" ");
    expect(original).toHaveLength(19);
    expect(used).toEqual(new Set(original));
  });

  test("is a few thousand flights of the next 30 days, each with its own id", () => {
    expect(flights.length).toBeGreaterThan(2_500);
    expect(flights.length).toBeLessThan(3_500);
    expect(new Set(flights.map(({ id }) => id)).size).toBe(flights.length);
    for (const { id, departsAtMs } of flights) {
      expect(id).toMatch(FLIGHT_ID);
      expect(departsAtMs).toBeGreaterThanOrEqual(nowMs);
      expect(departsAtMs).toBeLessThan(nowMs + DEMO_DAYS * 86_400_000);
    }
  });

  test("is the same for the same clock", () => {
    expect(demoTimetable(airports, nowMs)).toEqual(flights);
  });

  test("its local times are those of the places, and each number keeps its time of day over a change of the clocks", () => {
    const timesByNumber = new Map<number, Set<string>>();
    for (const flight of flights) {
      for (const [local, atMs, code] of [
        [flight.departsLocal, flight.departsAtMs, flight.origin],
        [flight.arrivesLocal, flight.arrivesAtMs, flight.destination],
      ] as const) {
        expect(Date.parse(local)).toBe(atMs);
        const shown = new Intl.DateTimeFormat("sv-SE", {
          timeZone: airport(code).timeZone,
          dateStyle: "short",
          timeStyle: "short",
        }).format(atMs);
        expect(shown).toBe(local.slice(0, 16).replace("T", " "));
      }
      expect(flight.departsLocal.slice(0, 10)).toBe(flight.localDate);
      const times = timesByNumber.get(flight.number) ?? new Set();
      timesByNumber.set(flight.number, times.add(flight.departsLocal.slice(11, 16)));
    }
    expect([...timesByNumber.values()].every((times) => times.size === 1)).toBe(true);
    const offsets = flights.filter(({ origin }) => origin === "LHR").map(({ departsLocal }) => departsLocal.slice(19));
    expect([...new Set(offsets)]).toEqual(["+01:00", "+00:00"]);
  });

  test("its durations are those of the way", () => {
    const minutes = (from: string, to: string): number => {
      const flight = flights.find(({ origin, destination }) => origin === from && destination === to);
      return ((flight?.arrivesAtMs ?? 0) - (flight?.departsAtMs ?? 0)) / 60_000;
    };
    expect(minutes("GMP", "CJU")).toBe(65);
    expect(minutes("ICN", "JFK")).toBe(815);
    expect(minutes("LHR", "CDG")).toBe(60);
  });
});

/** Goal: a real schedule file, with two carriers' blocks, through legs, charters and freight, imports whole and right. */

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { loadAirports } from "../../db/catalogue/airports.ts";
import { seatsOf } from "../../db/catalogue/layout.ts";
import { dayOfIso } from "../../db/ssim/calendar.ts";
import { shiftToStart } from "../../db/ssim/schedule.ts";
import { flightsIn, problemsIn, scheduleOf } from "./ssim/reading.ts";

const path = new URL("../../../shared/data/sample.ssim", import.meta.url).pathname;
const missing = !existsSync(path);
const needs = missing
  ? " (skipped: ../shared/data/sample.ssim is not there; it is sample.ssim of the public repository Avionworx/Gna.Iata)"
  : "";
const sample = missing ? new Uint8Array() : readFileSync(path);

describe.skipIf(missing)(`the sample file${needs}`, () => {
  test("every leg that is sold becomes flights, the others are counted", () => {
    const schedule = scheduleOf(sample);
    expect({ records: schedule.records, legs: schedule.legs.length, flights: schedule.flights }).toEqual({
      records: 519,
      legs: 507,
      flights: 3063,
    });
    expect(schedule.notSold).toEqual({ codeshares: 0, byServiceType: { C: 2, F: 2, K: 2, P: 1 } });
  });

  test("its flights are there, with their times and cabins", () => {
    const flights = new Map(flightsIn(sample).map((flight) => [flight.id, flight]));
    expect(flights.size).toBe(3063);
    expect(flights.get("XX-102-2005-05-23-RUN")?.arrivesLocal).toBe("2005-05-23T08:40:00+04:00");
    expect(flights.get("XX-974Z-2005-05-23-RUN")?.destination).toBe("ZSE");
    expect(flights.get("XX-974-2005-10-30-RUN")?.destination).toBe("DZA");
    expect(flights.has("XX-41-2005-06-09-RUN")).toBe(false);

    const overnight = flights.get("XX-946-2005-06-14-MRS");
    expect([overnight?.departsLocal, overnight?.arrivesLocal]).toEqual([
      "2005-06-14T23:50:00+02:00",
      "2005-06-15T09:25:00+03:00",
    ]);
    expect([overnight?.departsAtMs, overnight?.arrivesAtMs]).toEqual([
      Date.parse("2005-06-14T21:50:00Z"),
      Date.parse("2005-06-15T06:25:00Z"),
    ]);
    expect(overnight?.cabins.map(({ cabin, capacity }) => [cabin, capacity])).toEqual([
      ["J", 14],
      ["W", 34],
      ["Y", 316],
    ]);
    // Summer time ends within the season: from 29 October Paris is an hour ahead of UTC.
    expect(flights.get("XX-975-2005-10-28-RUN")?.arrivesLocal).toBe("2005-10-29T05:30:00+02:00");
    expect(flights.get("XX-975-2005-10-29-RUN")?.arrivesLocal).toBe("2005-10-30T04:30:00+01:00");
  });

  test("its airports are known and its seats can be laid out", async () => {
    const airports = await loadAirports();
    for (const { origin, destination, aircraft, cabins } of scheduleOf(sample).legs) {
      expect(airports.find(origin)?.code).toBe(origin);
      expect(airports.find(destination)?.code).toBe(destination);
      const seats = cabins.reduce((sum, { capacity }) => sum + capacity, 0);
      expect(seatsOf(aircraft, cabins)).toHaveLength(seats);
    }
  });

  test("the season can be moved", () => {
    const shift = shiftToStart(scheduleOf(sample), dayOfIso("2026-12-01") ?? 0);
    const dates = flightsIn(sample, shift).map((flight) => flight.localDate);
    // 22 May 2005 was a Sunday, as 6 December 2026 is.
    expect(dates.toSorted()[0]).toBe("2026-12-06");
    expect(new Date(dates.toSorted()[0] ?? "").getUTCDay()).toBe(0);
  });

  test("one bad byte in it, and nothing is taken", () => {
    const bad = Uint8Array.from(sample);
    bad[201 * 99 + 28] = "9".charCodeAt(0);
    expect(problemsIn(bad).map(({ line, field }) => `${line} ${field}`)).toEqual(["100 days of operation (29-35)"]);
  });
});

/** Goal: every rule by which a sound SSIM file becomes flights, each tried with a record built for it. */

import { describe, expect, test } from "bun:test";
import { dayOfIso } from "../../db/ssim/calendar.ts";
import { shiftToStart } from "../../db/ssim/schedule.ts";
import { serialAfter } from "../../db/ssim/serial.ts";
import { flightsIn, scheduleOf } from "./ssim/reading.ts";
import { bytesOf, carrier, fileOf, header, leg, numbered, segment, trailer } from "./ssim/writer.ts";

const ids = (file: Uint8Array): string[] => flightsIn(file).map((flight) => flight.id);
const dates = (file: Uint8Array): string[] => flightsIn(file).map((flight) => flight.localDate.slice(5));

describe("readSsim() makes flights", () => {
  test("one leg on one date is one flight, with its local and UTC times", () => {
    const [flight, ...others] = flightsIn(fileOf([leg()]));
    expect(others).toEqual([]);
    expect(flight).toEqual({
      id: "XX-102-2026-06-01-RUN",
      airline: "XX",
      number: 102,
      origin: "RUN",
      destination: "MRU",
      departsAtMs: Date.parse("2026-06-01T04:00:00Z"),
      arrivesAtMs: Date.parse("2026-06-01T04:40:00Z"),
      departsLocal: "2026-06-01T08:00:00+04:00",
      arrivesLocal: "2026-06-01T08:40:00+04:00",
      localDate: "2026-06-01",
      aircraft: "735",
      cabins: [{ cabin: "Y", capacity: 118, fare: { amount: 47_000, currency: "KRW" } }],
    });
  });

  test("an operational suffix is part of the id, zeros before the number are not", () => {
    expect(ids(fileOf([leg({ suffix: "Z", number: "0974" })]))).toEqual(["XX-974Z-2026-06-01-RUN"]);
  });

  test("an airline of three characters keeps them", () => {
    const file = fileOf([leg({ airline: "ABC" })], carrier({ airline: "ABC" }), trailer({ airline: "ABC" }));
    expect(ids(file)).toEqual(["ABC-102-2026-06-01-RUN"]);
  });

  test("lines may end with CR LF, and the file with blank lines", () => {
    const text = Buffer.from(fileOf([leg()]))
      .toString("latin1")
      .replaceAll("\n", "\r\n");
    expect(ids(Buffer.from(`${text}\r\n\x1a`, "latin1"))).toEqual(["XX-102-2026-06-01-RUN"]);
  });
});

describe("days and periods", () => {
  test("the days of operation choose the dates of the period", () => {
    expect(dates(fileOf([leg({ to: "14JUN26", days: "1 3   7" })]))).toEqual([
      "06-01",
      "06-03",
      "06-07",
      "06-08",
      "06-10",
      "06-14",
    ]);
  });

  test("a day without flights may be written as zero", () => {
    expect(dates(fileOf([leg({ to: "07JUN26", days: "1030507" })]))).toEqual(["06-01", "06-03", "06-05", "06-07"]);
  });

  test("a fortnightly leg flies in every other week, counted from its first date", () => {
    const file = fileOf([leg({ from: "02JUN26", to: "03JUL26", days: " 2  5  ", frequency: "2" })]);
    expect(dates(file)).toEqual(["06-02", "06-05", "06-16", "06-19", "06-30", "07-03"]);
  });

  test("an open end is the end of the schedule, an open beginning its beginning", () => {
    const season = carrier({ from: "29MAR26", to: "12APR26" });
    expect(dates(fileOf([leg({ from: "00XXX00", to: "00XXX00", days: "      7" })], season))).toEqual([
      "03-29",
      "04-05",
      "04-12",
    ]);
  });

  test("an open end in an open schedule is 366 days", () => {
    const season = carrier({ from: "29MAR26", to: "00XXX00" });
    const open = dates(fileOf([leg({ to: "00XXX00", days: "1234567" })], season));
    expect(open).toHaveLength(366);
  });

  test("an open end of a later leg that leaves a day later is a day later too", () => {
    const season = carrier({ to: "02JUN26" });
    const file = fileOf(
      [
        leg({ from: "01JUN26", to: "00XXX00", days: "1234567", departure: "2200", arrival: "2240" }),
        leg({
          sequence: "02",
          from: "02JUN26",
          to: "00XXX00",
          days: "1234567",
          origin: "MRU",
          destination: "RUN",
          departure: "0100",
          arrival: "0140",
          dateVariation: "11",
        }),
      ],
      season,
    );
    expect(ids(file)).toEqual([
      "XX-102-2026-06-01-RUN",
      "XX-102-2026-06-02-RUN",
      "XX-102-2026-06-02-MRU",
      "XX-102-2026-06-03-MRU",
    ]);
  });

  test("later legs have days and periods of their own: the manual's example of SQ 1", () => {
    const records = [
      leg({
        airline: "SQ",
        number: "001",
        from: "20AUG08",
        to: "28AUG08",
        days: "1234   ",
        origin: "SFO",
        departure: "0120",
        departureOffset: "-0700",
        destination: "HKG",
        arrival: "0630",
        arrivalOffset: "+0800",
        dateVariation: "01",
      }),
      leg({
        airline: "SQ",
        number: "001",
        sequence: "02",
        from: "21AUG08",
        to: "29AUG08",
        days: " 2345  ",
        origin: "HKG",
        departure: "0800",
        departureOffset: "+0800",
        destination: "SIN",
        arrival: "1140",
        arrivalOffset: "+0800",
        dateVariation: "11",
      }),
    ];
    const flights = flightsIn(fileOf(records, carrier({ airline: "SQ" }), trailer({ airline: "SQ" })));
    expect(flights.slice(0, 1).map((flight) => flight.arrivesLocal)).toEqual(["2008-08-21T06:30:00+08:00"]);
    expect(flights.map((flight) => flight.id)).toEqual([
      "SQ-1-2008-08-20-SFO",
      "SQ-1-2008-08-21-SFO",
      "SQ-1-2008-08-25-SFO",
      "SQ-1-2008-08-26-SFO",
      "SQ-1-2008-08-27-SFO",
      "SQ-1-2008-08-28-SFO",
      "SQ-1-2008-08-21-HKG",
      "SQ-1-2008-08-22-HKG",
      "SQ-1-2008-08-26-HKG",
      "SQ-1-2008-08-27-HKG",
      "SQ-1-2008-08-28-HKG",
      "SQ-1-2008-08-29-HKG",
    ]);
  });
});

describe("times", () => {
  const arrivals = (fields: Parameters<typeof leg>[0], mode = "L"): string[] =>
    flightsIn(fileOf([leg(fields)], carrier({ mode }))).map((flight) => flight.arrivesLocal);

  test("a blank date variation is the first arrival after the departure", () => {
    expect(arrivals({ departure: "2355", arrival: "0035" })).toEqual(["2026-06-02T00:35:00+04:00"]);
  });

  test("an arrival may be before the departure by the clocks of the two places", () => {
    const west = { departureOffset: "+0900", departure: "1000", arrivalOffset: "-1000", arrival: "2330" };
    expect(arrivals(west)).toEqual(["2026-05-31T23:30:00-10:00"]);
    expect(arrivals({ ...west, dateVariation: "0A" })).toEqual(["2026-05-31T23:30:00-10:00"]);
  });

  test("2400 is the midnight at the end of the day", () => {
    expect(arrivals({ departure: "2300", arrival: "2400" })).toEqual(["2026-06-02T00:00:00+04:00"]);
    expect(arrivals({ departure: "2300", arrival: "2400", dateVariation: "00" })).toEqual([
      "2026-06-02T00:00:00+04:00",
    ]);
    expect(arrivals({ departure: "2300", arrival: "0000", dateVariation: "01" })).toEqual([
      "2026-06-02T00:00:00+04:00",
    ]);
  });

  test("the offsets of the file rule, not the time zones of the places", () => {
    expect(arrivals({ arrivalOffset: "+0330", arrival: "0840" })).toEqual(["2026-06-01T08:40:00+03:30"]);
  });

  test("in UTC mode times and days are UTC, and the flight's date is still the local one", () => {
    const fields = { departure: "2100", arrival: "2140", from: "01JUN26", to: "01JUN26", dateVariation: "00" };
    const [flight] = flightsIn(fileOf([leg(fields)], carrier({ mode: "U" })));
    expect(flight?.departsAtMs).toBe(Date.parse("2026-06-01T21:00:00Z"));
    expect(flight?.departsLocal).toBe("2026-06-02T01:00:00+04:00");
    expect(flight?.id).toBe("XX-102-2026-06-02-RUN");
  });

  test("passengers leave before and arrive after the aircraft where the file says so", () => {
    const [flight] = flightsIn(
      fileOf([leg({ departure: "0010", passengerDeparture: "2350", arrival: "2355", passengerArrival: "0010" })]),
    );
    expect(flight?.departsLocal).toBe("2026-05-31T23:50:00+04:00");
    expect(flight?.localDate).toBe("2026-05-31");
    expect(flight?.arrivesLocal).toBe("2026-06-02T00:10:00+04:00");
  });
});

describe("what is sold", () => {
  test("passenger services are sold, all others counted", () => {
    const services = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
    const schedule = scheduleOf(fileOf(services.map((service, at) => leg({ service, number: String(at + 1) }))));
    expect(schedule.legs.map((sold) => services[sold.number - 1]).join("")).toBe("BGJQRSU");
    expect(Object.keys(schedule.notSold.byServiceType).join("")).toBe("ACDEFHIKLMNOPTVWXYZ");
  });

  test("what isn't sold needs no seats", () => {
    const schedule = scheduleOf(fileOf([leg({ service: "F", configuration: "LLPP" }), leg({ number: "103" })]));
    expect(schedule.flights).toBe(1);
    expect(schedule.notSold).toEqual({ codeshares: 0, byServiceType: { F: 1 } });
  });

  test("a codeshare is another airline's inventory, a wet lease is our own", () => {
    const schedule = scheduleOf(
      fileOf([..."LSXZ"].map((disclosure, at) => leg({ disclosure, number: String(at + 1), configuration: "Y9VV9" }))),
    );
    expect(schedule.legs.map((sold) => sold.number)).toEqual([2, 3]);
    expect(schedule.notSold.codeshares).toBe(2);
  });

  test("data element 050 makes a codeshare of the legs between its points, 010 of none", () => {
    const legs = ["01", "02", "03"].map((sequence, at) =>
      leg({ sequence, origin: ["RUN", "MRU", "DZA"][at] ?? "", destination: ["MRU", "DZA", "RUN"][at] ?? "" }),
    );
    const marks = [
      segment({ element: "010", points: "AB", sequence: "01", data: "YY  1234" }),
      segment({ element: "050", points: "BD", sequence: "02", stations: "MRURUN" }),
    ];
    const schedule = scheduleOf(fileOf([...legs, ...marks]));
    expect(schedule.legs.map((sold) => sold.origin)).toEqual(["RUN"]);
    expect(schedule.notSold.codeshares).toBe(2);
  });

  test("data element 050 reaches no further than its points, and always the leg that it is filed under", () => {
    const legs = ["01", "02"].map((sequence, at) =>
      leg({ sequence, origin: ["RUN", "MRU"][at] ?? "", destination: ["MRU", "RUN"][at] ?? "" }),
    );
    for (const points of ["AB", "XY"]) {
      const schedule = scheduleOf(fileOf([...legs, segment({ points })]));
      expect(schedule.legs.map((sold) => sold.origin)).toEqual(["MRU"]);
    }
  });

  test("through itineraries are no second inventory: three legs are three flights", () => {
    const legs = ["01", "02", "03"].map((sequence, at) =>
      leg({ sequence, origin: ["RUN", "MRU", "DZA"][at] ?? "", destination: ["MRU", "DZA", "RUN"][at] ?? "" }),
    );
    expect(flightsIn(fileOf(legs)).map(({ origin, destination }) => origin + destination)).toEqual([
      "RUNMRU",
      "MRUDZA",
      "DZARUN",
    ]);
  });

  const cabins = (configuration: string, ...more: string[]): string =>
    flightsIn(fileOf([leg({ configuration }), ...more]))
      .flatMap((flight) => flight.cabins)
      .map(({ cabin, capacity }) => `${cabin}${capacity}`)
      .join(" ");

  test("cabins are read up to VV", () => {
    expect(cabins("W18Y112VV112")).toBe("W18 Y112");
    expect(cabins("F014Y119VVT3M33")).toBe("F14 Y119");
    expect(cabins("J14W34Y316VV364")).toBe("J14 W34 Y316");
    expect(cabins("C10Y0180")).toBe("C10 Y180");
  });

  test("containers, pallets and empty compartments are no cabins", () => {
    expect(cabins("F32Y200K93PP20")).toBe("F32 Y200 K93");
    expect(cabins("F0Y80LLPP3")).toBe("Y80");
  });

  test("a configuration that doesn't fit its field is read from data element 108", () => {
    const elsewhere = segment({ element: "108", data: "F8J48W24Y200K93VV373" });
    expect(cabins("XX", elsewhere)).toBe("F8 J48 W24 Y200 K93");
  });
});

describe("the file", () => {
  test("a second carrier may follow, its serial counting the trailer before it or not", () => {
    for (const uncounted of [0, 1]) {
      const first = numbered([header(), carrier(), leg(), trailer({ end: "C" })]);
      const second = numbered(
        [carrier({ airline: "YY" }), leg({ airline: "YY" }), trailer({ airline: "YY" })],
        first.length + 1 - uncounted,
      );
      expect(ids(bytesOf([...first, ...second]))).toEqual(["XX-102-2026-06-01-RUN", "YY-102-2026-06-01-RUN"]);
    }
  });

  test("serial numbers go on at 2 after 999999: 1 is the header's", () => {
    expect([serialAfter(0), serialAfter(999_998), serialAfter(999_999)]).toEqual([1, 999_999, 2]);
  });

  test("variations beyond 99 are told apart by their overflow", () => {
    const file = fileOf([
      leg({ variation: "01" }),
      leg({ variation: "01", overflow: "1", from: "08JUN26", to: "08JUN26" }),
      leg({ variation: "00", overflow: "1", from: "15JUN26", to: "15JUN26" }),
    ]);
    expect(dates(file)).toEqual(["06-01", "06-08", "06-15"]);
  });
});

describe("shiftToStart() moves a season", () => {
  const file = fileOf([
    leg({ from: "03JUN26", to: "10JUN26", days: "  3    " }),
    leg({ number: "103", from: "05JUN26", to: "05JUN26", days: "    5  " }),
  ]);
  const shifted = (start: string): string[] =>
    flightsIn(file, shiftToStart(scheduleOf(file), dayOfIso(start) ?? 0)).map((flight) => flight.localDate);

  test("by whole weeks, to the first departure on or after the date", () => {
    expect(shifted("2026-06-03")).toEqual(["2026-06-03", "2026-06-10", "2026-06-05"]);
    expect(shifted("2026-06-04")).toEqual(["2026-06-10", "2026-06-17", "2026-06-12"]);
    expect(shifted("2027-01-01")).toEqual(["2027-01-06", "2027-01-13", "2027-01-08"]);
  });

  test("also back to an earlier date", () => {
    expect(shifted("2026-05-20")).toEqual(["2026-05-20", "2026-05-27", "2026-05-22"]);
  });

  test("local times of the day stay", () => {
    const [flight] = flightsIn(file, 7 * 26);
    expect(flight?.departsLocal).toBe("2026-12-02T08:00:00+04:00");
  });
});

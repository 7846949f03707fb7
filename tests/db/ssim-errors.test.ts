/** Goal: every kind of bad record is reported with its line, its field and a reason, and nothing of its file is taken. */

import { describe, expect, test } from "bun:test";
import { PROBLEMS_MAX } from "../../db/ssim/problem.ts";
import { readSsim } from "../../db/ssim/read.ts";
import { problemsIn } from "./ssim/reading.ts";
import {
  bytesOf,
  carrier,
  fileOf,
  header,
  type LegFields,
  leg,
  numbered,
  PADDING,
  segment,
  serial,
  trailer,
} from "./ssim/writer.ts";

/** `5 field (columns): reason` of each problem. */
const report = (file: Uint8Array): string[] =>
  problemsIn(file).map(({ line, field, reason }) => `${line} ${field}: ${reason}`);

/** The records of {@link fileOf} begin on line 5. */
const ofLeg = (fields: LegFields): string[] => report(fileOf([leg(fields)]));

describe("a leg's fields", () => {
  const cases: readonly (readonly [string, LegFields, string])[] = [
    ["suffix", { suffix: "1" }, "operational suffix (2)"],
    ["airline", { airline: "YY" }, "airline designator (3-5)"],
    ["number", { number: "1O2" }, "flight number (6-9)"],
    ["number, left-justified", { number: "102 " }, "flight number (6-9)"],
    ["number zero", { number: "0000" }, "flight number (6-9)"],
    ["variation", { variation: "1 " }, "itinerary variation identifier (10-11)"],
    ["variation zero", { variation: "00" }, "itinerary variation identifier (10-11)"],
    ["sequence", { sequence: "00" }, "leg sequence number (12-13)"],
    ["service type", { service: "j" }, "service type (14)"],
    ["first date", { from: "31JUN26" }, "period of operation, from (15-21)"],
    ["first date's month", { from: "01JUM26" }, "period of operation, from (15-21)"],
    ["last date", { to: "1JUN26 " }, "period of operation, to (22-28)"],
    ["a period that ends before it begins", { to: "31MAY26" }, "period of operation, to (22-28)"],
    ["no days", { days: "       " }, "days of operation (29-35)"],
    ["a day in another's column", { days: "2      " }, "days of operation (29-35)"],
    ["no such day in the period", { days: " 2     " }, "days of operation (29-35)"],
    ["frequency", { frequency: "3" }, "frequency rate (36)"],
    ["origin", { origin: "R1N" }, "departure station (37-39)"],
    ["destination", { destination: "mru" }, "arrival station (55-57)"],
    ["departure", { departure: "2400", passengerDeparture: "0800" }, "aircraft departure time (44-47)"],
    ["passenger departure", { passengerDeparture: "0760" }, "passenger departure time (40-43)"],
    ["arrival", { arrival: "2401", passengerArrival: "0840" }, "aircraft arrival time (58-61)"],
    ["passenger arrival", { passengerArrival: "    " }, "passenger arrival time (62-65)"],
    ["offset of departure", { departureOffset: " 0400" }, "UTC variation of departure (48-52)"],
    ["offset of arrival", { arrivalOffset: "+1401" }, "UTC variation of arrival (66-70)"],
    ["passengers too early", { passengerDeparture: "0459" }, "passenger departure time (40-43)"],
    ["passengers too late", { passengerArrival: "1141" }, "passenger arrival time (62-65)"],
    ["no time to fly", { arrival: "0800" }, "aircraft arrival time (58-61)"],
    ["aircraft", { aircraft: "73 " }, "aircraft type (73-75)"],
    ["overflow", { overflow: "-" }, "itinerary variation overflow (128)"],
    ["disclosure", { disclosure: "A" }, "operating airline disclosure (149)"],
    ["date variation", { dateVariation: "08" }, "date variation (193-194)"],
    ["blank configuration", { configuration: "" }, "aircraft configuration (173-192)"],
    ["configuration without numbers", { configuration: "WY" }, "aircraft configuration (173-192)"],
    ["configuration of cargo only", { configuration: "LL12PP3" }, "aircraft configuration (173-192)"],
    ["configuration with a cabin twice", { configuration: "Y10Y20" }, "aircraft configuration (173-192)"],
    ["configuration that is none", { configuration: "W18-Y112" }, "aircraft configuration (173-192)"],
    ["configuration with too many seats", { configuration: "Y1000" }, "aircraft configuration (173-192)"],
    ["configuration that is elsewhere", { configuration: "XX" }, "aircraft configuration (173-192)"],
    ["a fortnight without end", { frequency: "2", to: "00XXX00" }, "frequency rate (36)"],
    [
      "a fortnight that begins without a flight",
      { frequency: "2", to: "30JUN26", days: " 2     " },
      "period of operation, from (15-21)",
    ],
  ];
  test.each([...cases])("readSsim() rejects a leg for its %s", (_, fields, field) => {
    const problems = problemsIn(fileOf([leg(fields)]));
    expect(problems.map((problem) => `${problem.line} ${problem.field}`)).toEqual([`5 ${field}`]);
    expect(problems[0]?.reason).not.toBe("");
  });

  test("all problems of a leg are reported at once", () => {
    expect(ofLeg({ service: "?", days: "7      ", origin: "???", dateVariation: "02" })).toEqual([
      '5 service type (14): "?" is not a service type',
      '5 departure station (37-39): "???" is not a location identifier of three letters',
      "5 date variation (193-194): says that it arrives 2 day(s) after it leaves; by its times it is 0",
      '5 days of operation (29-35): "7      " is not the days 1 to 7, each in its column',
    ]);
  });

  test("a date variation that contradicts the clock is an error", () => {
    expect(ofLeg({ dateVariation: "01" })).toEqual([
      "5 date variation (193-194): says that it arrives 1 day(s) after it leaves; by its times it is 0",
    ]);
    expect(ofLeg({ departure: "2355", arrival: "0035", dateVariation: "00" })).toEqual([
      "5 date variation (193-194): says that it arrives 0 day(s) after it leaves; by its times it is 1",
    ]);
  });

  test("the first leg leaves on its own date", () => {
    expect(ofLeg({ dateVariation: "11" })).toEqual([
      "5 date variation (193-194): the first leg leaves on the itinerary's own date",
    ]);
  });

  test("a date variation that contradicts the periods of the legs is an error", () => {
    const next = leg({ sequence: "02", origin: "MRU", destination: "RUN", dateVariation: "11" });
    expect(report(fileOf([leg(), next]))).toEqual([
      "6 date variation (193-194): says that it leaves 1 day(s) after the first leg; by their periods it is 0",
    ]);
  });

  test("an open beginning in an open schedule is unknown", () => {
    const file = fileOf([leg({ from: "00XXX00" })], carrier({ from: "00XXX00" }));
    expect(report(file)).toEqual([
      "5 period of operation, from (15-21): neither the leg nor its schedule says when it begins",
    ]);
  });

  test("what a terminal would act on is not repeated", () => {
    expect(ofLeg({ origin: "\x1b[2" })[0]).toContain('"?[2"');
  });
});

describe("flights", () => {
  test("the same flight twice is reported with both lines", () => {
    const file = fileOf([
      leg({ to: "30JUN26", days: "12     " }),
      leg({
        number: "0102",
        variation: "02",
        from: "08JUN26",
        to: "09JUN26",
        days: "12     ",
        departure: "0900",
        arrival: "0940",
      }),
    ]);
    expect(report(file)).toEqual(["6 flight: XX-102-2026-06-08-RUN and 1 more: line 5 has the same flight"]);
  });

  test("days that differ in UTC may be the same local date", () => {
    const file = fileOf(
      [
        leg({ departure: "2100", arrival: "2140" }),
        leg({ variation: "02", from: "02JUN26", to: "02JUN26", days: " 2     " }),
      ],
      carrier({ mode: "U" }),
    );
    expect(report(file)).toEqual(["6 flight: XX-102-2026-06-02-RUN: line 5 has the same flight"]);
  });

  test("what isn't sold can't be sold twice", () => {
    expect(
      readSsim(fileOf([leg(), leg({ variation: "02", service: "F" }), leg({ variation: "03", disclosure: "L" })])).ok,
    ).toBe(true);
  });

  test("the legs of a variation rise", () => {
    expect(report(fileOf([leg({ sequence: "02" }), leg({ sequence: "02", from: "08JUN26", to: "08JUN26" })]))).toEqual([
      "6 leg sequence number (12-13): the legs of a variation rise; line 5 has 2",
    ]);
  });

  test("more flights than a file may have are refused at their leg", () => {
    const century = { from: "01JAN00", to: "31DEC99", days: "1234567" };
    const file = fileOf(Array.from({ length: 28 }, (_, at) => leg({ ...century, number: String(at + 1) })));
    expect(report(file)).toEqual(["32 record: with this leg the file has more than 1000000 flights"]);
  });
});

describe("segment data", () => {
  test.each([
    ["indicator", { points: "A1" }, "off point indicator (30)"],
    ["element", { element: " 50" }, "data element identifier (31-33)"],
    ["points", { stations: "RUNMR " }, "off point (37-39)"],
    ["leg", { sequence: "02" }, "leg sequence number (12-13)"],
    ["variation", { variation: "02" }, "leg sequence number (12-13)"],
    ["operating flight", { data: "" }, "data (40-194)"],
  ] as const)("readSsim() rejects a segment for its %s", (_, fields, field) => {
    const blank = { data: " ".repeat(155) };
    const file = fileOf([leg(), segment("data" in fields ? { ...fields, ...blank } : fields)]);
    expect(problemsIn(file).map((problem) => `${problem.line} ${problem.field}`)).toEqual([`6 ${field}`]);
  });

  test("a segment of a bad leg adds no second problem", () => {
    expect(report(fileOf([leg({ origin: "1UN" }), segment({})]))).toHaveLength(1);
  });
});

describe("the file", () => {
  const sound = numbered([header(), carrier(), leg(), trailer()]);
  const except = (index: number, line: string): Uint8Array =>
    bytesOf(sound.map((old, at) => (at === index ? line : old)));

  test("every record has 200 bytes", () => {
    expect(report(except(2, `${sound[2]} `))).toEqual(["3 record: has 201 bytes; a record has 200"]);
    expect(report(except(2, ""))).toEqual(["3 record: has 0 bytes; a record has 200"]);
  });

  test("bytes are counted, not letters", () => {
    const title = (sound[1] ?? "").replace(/.{6}(?=.{6}$)/, "Réuni");
    const file = Buffer.from(`${[sound[0], title, ...sound.slice(2)].join("\n")}\n`, "utf8");
    expect(readSsim(file).ok).toBe(true);
  });

  test("serial numbers rise by one", () => {
    expect(report(except(2, leg() + serial(4)))).toEqual([
      "3 record serial number (195-200): 000004 stands where 000003 follows",
      "4 record serial number (195-200): 000004 stands where 000005 follows",
      '4 serial number check reference (188-193): "000003" is not the serial number of the record before it',
    ]);
    expect(report(except(2, `${leg()}00000X`))).toEqual([
      '3 record serial number (195-200): "00000X" is not six digits',
    ]);
  });

  test("the trailer checks what it ends", () => {
    const file = fileOf([leg()], carrier(), trailer({ airline: "YY", check: "000009", end: "X" }));
    expect(report(file)).toEqual([
      "7 airline designator (3-5): it ends the schedule of XX",
      '7 serial number check reference (188-193): "000009" is not the serial number of the record before it',
      '7 continuation/end code (194): "X" is not C or E',
    ]);
  });

  test("a file that is cut off is refused", () => {
    expect(report(bytesOf(sound.slice(0, 3)))).toEqual(["3 record: the file ends without a trailer record"]);
    expect(report(fileOf([leg()], carrier(), trailer({ end: "C" })))).toEqual([
      "8 record: its trailer announces another carrier, and the file ends",
    ]);
    expect(report(bytesOf([]))).toEqual(["1 record: the file has no records"]);
    expect(report(bytesOf([PADDING]))).toEqual(["1 record: the file has no records"]);
  });

  test("records stand in their order", () => {
    const out = (records: readonly string[]): string[] => report(bytesOf(numbered(records)));
    expect(out([carrier(), leg(), trailer()])).toEqual([
      "1 record type (1): a record of type 2 stands where the header is due",
    ]);
    expect(out([header(), leg(), trailer()]).slice(0, 1)).toEqual([
      "2 record type (1): a record of type 3 stands where the carrier is due",
    ]);
    expect(out([header(), carrier(), segment({}), leg(), trailer()])).toEqual([
      "3 record type (1): a record of type 4 stands where the first leg is due",
    ]);
    expect(out([header(), carrier(), leg(), header(), trailer()])).toEqual([
      "4 record type (1): a record of type 1 stands where the leg or trailer is due",
    ]);
    expect(out([header(), carrier(), leg(), carrier(), trailer()])).toEqual([
      "4 record type (1): a record of type 2 stands where the leg or trailer is due",
    ]);
    expect(out([header(), carrier(), leg(), trailer(), leg()])).toEqual([
      "5 record type (1): a record of type 3 stands where the carrier or end is due",
    ]);
    expect(out([header(), carrier(), leg(), "6".padEnd(194), trailer()])).toEqual([
      '4 record type (1): "6" is not a record type from 1 to 5',
    ]);
  });

  test("header and carrier say what they must", () => {
    expect(report(bytesOf(numbered([header("SOMETHING"), carrier(), leg(), trailer()])))).toEqual([
      '1 title of contents (2-35): is not "AIRLINE STANDARD SCHEDULE DATA SET"',
    ]);
    const bad = carrier({ mode: "Z", airline: "12", from: "01JAN26", to: "32JAN26" });
    expect(report(fileOf([leg({ airline: "12" })], bad, trailer({ airline: "12" })))).toEqual([
      '3 time mode (2): "Z" is not L or U',
      '3 airline designator (3-5): "12 " is not an airline designator',
      '3 period of schedule validity, to (22-28): "32JAN26" is not a date, ddMMMyy',
    ]);
    expect(report(fileOf([leg()], carrier({ from: "02JAN26", to: "01JAN26" })))).toEqual([
      "3 period of schedule validity, to (22-28): the schedule ends before it begins",
    ]);
  });

  test("zeros of another length are a record, not padding", () => {
    expect(report(except(2, "0".repeat(199)))).toEqual(["3 record: has 199 bytes; a record has 200"]);
  });

  test("of many problems the first hundred are kept and the others counted", () => {
    const reading = readSsim(fileOf(Array.from({ length: 250 }, () => leg({ origin: "r__" }))));
    expect(reading.ok).toBe(false);
    if (reading.ok) return;
    expect(reading.problems).toHaveLength(PROBLEMS_MAX);
    expect(reading.more).toBe(150);
  });

  test("something that is no schedule at all is refused", () => {
    const reading = readSsim(Buffer.from("flight,date\nKE1,2026-01-01\n"));
    expect(reading.ok).toBe(false);
  });
});

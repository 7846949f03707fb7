/** Goal: the import command takes all of a good file, nothing of a bad one, and says which and why in lines that help. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../actors/clock.ts";
import { openSqlite } from "../../db/open.ts";
import { runImport } from "../../db/ssim/import.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { catalogueOf, catalogueSizes, type GivenFolder, givenFolder } from "../support/given-catalogue.ts";
import { bytesOf, fileOf, header, leg } from "./ssim/writer.ts";

let folder: GivenFolder;
let database: string;

beforeEach(() => {
  folder = givenFolder();
  database = join(folder.path, "pigonair.sqlite");
});

afterEach(() => folder.remove());

interface Said {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** Runs the command as main.ts would, on a Thursday in May 2026. */
async function importing(args: readonly string[], clock: Clock = new FakeClock(Date.UTC(2026, 4, 14))): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runImport(args, {
    openDatabase: () => openSqlite(database),
    clock,
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { code, out, err };
}

function fileWith(content: Uint8Array | string, name = "season.ssim"): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

async function inDatabase<T>(look: (db: Awaited<ReturnType<typeof openSqlite>>) => Promise<T>): Promise<T> {
  const db = await openSqlite(database);
  try {
    return await look(db);
  } finally {
    await db.close();
  }
}

describe("a good file", () => {
  test("goes into a database that was not there before", async () => {
    const file = fileWith(fileOf([leg({ to: "05JUN26", days: "1234567" })]));
    expect(await importing([file])).toEqual({
      code: 0,
      out: [
        `${file}: 4 records, 1 leg on sale, 5 flights, leaving from 2026-06-01T08:00:00+04:00 to 2026-06-05T08:00:00+04:00`,
        "5 added, 0 unchanged, 0 differing",
      ],
      err: [],
    });
    expect(await inDatabase(catalogueSizes)).toEqual({ flights: 5, heads: 5, fares: 5 });
  });

  test("twice changes nothing", async () => {
    const file = fileWith(fileOf([leg({ to: "05JUN26", days: "1234567" })]));
    await importing([file]);
    const before = await inDatabase(catalogueOf);
    const again = await importing([file]);
    expect([again.code, again.out[1]]).toEqual([0, "0 added, 5 unchanged, 0 differing"]);
    expect(await inDatabase(catalogueOf)).toEqual(before);
  });

  test("that changes flights on sale is told, and adds the rest", async () => {
    await importing([fileWith(fileOf([leg({ to: "02JUN26", days: "12     " })]))]);
    await inDatabase(({ write }) =>
      write
        .insertInto("seat_claim")
        .values({ flight_id: "XX-102-2026-06-02-RUN", seat: "1A", reservation_id: "r1" })
        .execute(),
    );
    const changed = fileOf([leg({ to: "03JUN26", days: "123    ", arrival: "0850", aircraft: "738" })]);
    const { code, out } = await importing([fileWith(changed)]);
    expect(code).toBe(0);
    expect(out.slice(1)).toEqual([
      "1 added, 0 unchanged, 2 differing",
      "on sale otherwise than in the file, and left so (1 with reservations):",
      "  XX-102-2026-06-02-RUN: times, aircraft (has reservations)",
      "  XX-102-2026-06-01-RUN: times, aircraft",
    ]);
    const { flights } = await inDatabase(catalogueOf);
    expect(flights.map(({ aircraft }) => aircraft)).toEqual(["735", "735", "738"]);
  });

  test("says which legs are not sold, and why", async () => {
    const records = [leg(), leg({ number: "7", service: "F" }), leg({ number: "8", disclosure: "L" })];
    const { out } = await importing([fileWith(fileOf(records))]);
    expect(out).toContain("legs not on sale: 1 operated by another airline, 1 of service type F");
  });

  test("with nothing on sale adds nothing", async () => {
    const { code, out } = await importing([fileWith(fileOf([leg({ service: "F" })]))]);
    expect(code).toBe(0);
    expect(out[0]).toEndWith("4 records, 0 legs on sale, 0 flights");
  });

  test("names the airports that have no name", async () => {
    const { code, out } = await importing([fileWith(fileOf([leg({ destination: "QQQ" })]))]);
    expect(code).toBe(0);
    expect(out.at(-1)).toBe("airports with no known name, shown by their codes: QQQ");
  });

  test("of flights that have all left says how to try it", async () => {
    const file = fileWith(fileOf([leg()]));
    const afterwards = new FakeClock(Date.UTC(2027, 0, 1, 12));
    const { code, out } = await importing([file], afterwards);
    expect(code).toBe(0);
    expect(out.at(-1)).toBe(
      "All of these flights have left, and none can be sold; --start 2027-01-02 moves the season.",
    );
    expect((await importing([file, "--start", "2027-01-02"], afterwards)).out.at(-1)).toStartWith("1 added");
  });

  test("with --start moves by whole weeks", async () => {
    const file = fileWith(fileOf([leg({ to: "05JUN26", days: "1 3 5  " })]));
    const { out } = await importing([file, "--start=2026-12-01"]);
    // The season begins on a Monday, and the first one from 1 December on is the 7th.
    expect(out[0]).toEndWith(
      "3 flights, leaving from 2026-12-07T08:00:00+04:00 to 2026-12-11T08:00:00+04:00, moved 27 weeks on",
    );
    const { flights } = await inDatabase(catalogueOf);
    expect(flights.map(({ departs_on }) => departs_on)).toEqual(["2026-12-07", "2026-12-09", "2026-12-11"]);
    expect((await importing([file, "--start", "2026-05-01"])).out[0]).toEndWith("moved 4 weeks back");
  });

  test("that takes long says how far it is, once a second", async () => {
    const file = fileWith(fileOf([leg({ from: "29MAR26", to: "24OCT26", days: "1234567" }), ...numbers(3)]));
    const { err } = await importing([file], new HurriedClock(400));
    expect(err.length).toBeGreaterThan(0);
    expect(err.every((line) => /: (\d+ of 840 flights staged|publishing 840 flights)$/.test(line))).toBe(true);
  });

  /** More flights like the first. */
  function numbers(count: number): readonly string[] {
    return Array.from({ length: count }, (_, at) =>
      leg({ number: String(at + 1), from: "29MAR26", to: "24OCT26", days: "1234567" }),
    );
  }

  /** Time passes whenever it is read. */
  class HurriedClock extends FakeClock {
    readonly #stepMs: number;

    constructor(stepMs: number) {
      super();
      this.#stepMs = stepMs;
    }

    override monotonicMs(): number {
      this.advance(this.#stepMs);
      return super.monotonicMs();
    }
  }
});

describe("a bad file", () => {
  test("is reported by line, and nothing of it is taken", async () => {
    const file = fileWith(
      fileOf([leg(), leg({ number: "103", departure: "2561", configuration: "Y" }), leg({ number: "104" })]),
    );
    expect(await importing([file])).toEqual({
      code: 1,
      out: [],
      err: [
        `${file}:6: aircraft departure time (44-47): "2561" is not a time of the day, hhmm`,
        `${file}:6: passenger departure time (40-43): "2561" is not a time of the day, hhmm`,
        `${file}: nothing of it was taken`,
      ],
    });
    expect(existsSync(database)).toBe(false);
  });

  test("leaves what is in the database as it is", async () => {
    await importing([fileWith(fileOf([leg()]))]);
    const before = await inDatabase(catalogueOf);
    expect((await importing([fileWith(fileOf([leg({ number: "103" }), leg({ number: "0" })]))])).code).toBe(1);
    expect(await inDatabase(catalogueOf)).toEqual(before);
  });

  test("with many problems is reported in bounds", async () => {
    const { code, err } = await importing([fileWith("not a schedule\n".repeat(5_000))]);
    expect(code).toBe(1);
    expect(err).toHaveLength(102);
    expect(err.at(-2)).toMatch(/: and \d+ more problems$/);
  });

  test.each([
    ["empty", new Uint8Array()],
    ["one byte", Uint8Array.of(0)],
    ["a header alone", bytesOf([`${header()}000001`])],
    ["bytes of all kinds", Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7_919) % 256)],
    ["zeros without end", new Uint8Array(1_000_000)],
  ])("of garbage is refused: %s", async (_, content) => {
    const { code, out, err } = await importing([fileWith(content)]);
    expect([code, out, err.at(-1)]).toEqual([1, [], `${join(folder.path, "season.ssim")}: nothing of it was taken`]);
    expect(existsSync(database)).toBe(false);
  });
});

describe("a wrong command line", () => {
  const usage = "usage: bun main.ts import FILE.ssim [--start 20YY-MM-DD]";

  test.each([
    ["no file", [], "import: which file?"],
    ["two files", ["a.ssim", "b.ssim"], "import: one file at a time: b.ssim"],
    ["a start that is no date", ["a.ssim", "--start", "tomorrow"], "import: --start is a date, 20YY-MM-DD: tomorrow"],
    [
      "a day that doesn't exist",
      ["a.ssim", "--start", "2026-02-30"],
      "import: --start is a date, 20YY-MM-DD: 2026-02-30",
    ],
    [
      "a start in another age",
      ["a.ssim", "--start", "9999-01-01"],
      "import: --start is a date, 20YY-MM-DD: 9999-01-01",
    ],
  ])("is refused with a usage line: %s", async (_, args, line) => {
    expect(await importing(args)).toEqual({ code: 2, out: [], err: [line, usage] });
    expect(existsSync(database)).toBe(false);
  });

  test.each([
    ["--start without a date", ["a.ssim", "--start"]],
    ["an option that doesn't exist", ["a.ssim", "--dry-run"]],
  ])("is refused by its option: %s", async (_, args) => {
    const { code, err } = await importing(args);
    expect([code, err.at(-1)]).toEqual([2, usage]);
    expect(err[0]).toContain(args[1] ?? "");
  });

  test("names a file that isn't there, and a folder", async () => {
    const missing = join(folder.path, "missing.ssim");
    const absent = await importing([missing]);
    expect([absent.code, absent.err[0]?.startsWith(`${missing}: can't be read: ENOENT`)]).toEqual([2, true]);
    expect(await importing([folder.path])).toEqual({ code: 2, out: [], err: [`${folder.path}: not a file`] });
    expect(existsSync(database)).toBe(false);
  });
});

test("a database that is none fails the import, and is left as it is", async () => {
  writeFileSync(database, "no database at all, but something of somebody's".repeat(100));
  const before = readFileSync(database);
  const { code, out, err } = await importing([fileWith(fileOf([leg()]))]);
  expect([code, out]).toEqual([1, []]);
  expect(err[0]).toContain("file is not a database");
  expect(readFileSync(database).equals(before)).toBe(true);
});

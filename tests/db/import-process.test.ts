/** Goal: an import is a process of its own: a server beside it goes on committing, and a kill at any moment leaves all of it or nothing. */

import { Database as Sqlite } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { present } from "../../actors/assert.ts";
import { openSqlite } from "../../db/open.ts";
import { takeServerLock } from "../../db/sqlite/server-lock.ts";
import { runImport } from "../../db/ssim/import.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { catalogueSizes, type GivenFolder, givenFolder } from "../support/given-catalogue.ts";
import { until } from "../support/until.ts";
import { fileOf, leg } from "./ssim/writer.ts";

const PROGRAM = new URL("../support/import-process.ts", import.meta.url).pathname;

/** Each import is a process, on a machine that may have other things to do. */
const TIMEOUT_MS = 60_000;

/** Fifteen daily flights of a summer season. */
const FLIGHTS = 15 * 210;
const ALL = { flights: FLIGHTS, heads: FLIGHTS, fares: FLIGHTS };
const NOTHING = { flights: 0, heads: 0, fares: 0 };

let folder: GivenFolder;
let season: string;

beforeEach(() => {
  folder = givenFolder();
  season = join(folder.path, "season.ssim");
  const legs = Array.from({ length: 15 }, (_, at) =>
    leg({ number: String(at + 1), from: "29MAR26", to: "24OCT26", days: "1234567" }),
  );
  writeFileSync(season, fileOf(legs));
});

afterEach(() => folder.remove());

function startImport(database: string, ...args: readonly string[]) {
  return Bun.spawn([process.execPath, PROGRAM, database, ...args], { stdout: "pipe", stderr: "pipe" });
}

/** A database as a server's first start leaves it, without its demo timetable. */
async function givenEmpty(name: string): Promise<string> {
  const database = join(folder.path, name);
  const db = await openSqlite(database);
  await db.writer.run("pragma wal_checkpoint(truncate)", []);
  await db.close();
  return database;
}

function sizesIn(database: string): typeof NOTHING {
  const connection = new Sqlite(database);
  const sizes = connection
    .query<typeof NOTHING, []>(
      `select (select count(*) from flight) as flights, (select count(*) from flight_head) as heads,
        (select count(*) from fare) as fares`,
    )
    .get();
  connection.close();
  return present(sizes, "a select of counts has a row");
}

test("a server goes on committing beside an import, which leaves its lock alone", async () => {
  const database = join(folder.path, "served.sqlite");
  const db = await openSqlite(database);
  const lock = takeServerLock(database, "the test");
  const process = startImport(database, season);
  let commits = 0;
  while (process.exitCode === null) {
    await db.writer.run("update shards set epoch = epoch + 1 where shard = 0", []);
    commits += 1;
  }
  expect([process.exitCode, await process.stderr.text()]).toEqual([0, ""]);
  expect(await process.stdout.text()).toContain(`${FLIGHTS} added, 0 unchanged, 0 differing`);
  expect(commits).toBeGreaterThan(10);
  const shard = await db.read.selectFrom("shards").select("epoch").where("shard", "=", 0).executeTakeFirstOrThrow();
  expect(shard.epoch).toBe(commits);
  // What was imported is on sale at once: the server has nothing to be told.
  expect(await catalogueSizes(db)).toEqual(ALL);
  lock.release();
  await db.close();
});

describe("an import that is killed", () => {
  test(
    "at some moment leaves all or nothing, and the next one completes it",
    async () => {
      const beganMs = performance.now();
      await startImport(await givenEmpty("whole.sqlite"), season).exited;
      const wholeMs = performance.now() - beganMs;
      for (const share of [0.5, 0.7, 0.9]) {
        const database = await givenEmpty(`${share}.sqlite`);
        const startedMs = performance.now();
        await killAndImportAgain(database, () => performance.now() - startedMs > wholeMs * share);
      }
    },
    TIMEOUT_MS,
  );

  test(
    "while it writes its transaction leaves all or nothing, and the next one completes it",
    async () => {
      for (const round of [1, 2]) {
        const database = await givenEmpty(`${round}.sqlite`);
        // Nothing else writes so much: a transaction of this size goes into the write-ahead log when it is committed.
        const isWriting = (): boolean => (statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 50_000;
        await killAndImportAgain(database, isWriting);
      }
    },
    TIMEOUT_MS,
  );

  async function killAndImportAgain(database: string, isMoment: () => boolean): Promise<void> {
    const process = startImport(database, season);
    await until(() => isMoment() || process.exitCode !== null, "the moment to kill", TIMEOUT_MS);
    process.kill("SIGKILL");
    await process.exited;
    expect([ALL, NOTHING]).toContainEqual(sizesIn(database));
    expect(await importHere(database)).toBe(0);
    expect(sizesIn(database)).toEqual(ALL);
  }

  function importHere(database: string): Promise<number> {
    const ignore = (): void => {};
    const openDatabase = () => openSqlite(database);
    return runImport([season], { openDatabase, clock: new FakeClock(), out: ignore, err: ignore });
  }
});

const sample = new URL("../../../shared/data/sample.ssim", import.meta.url).pathname;
const needs = existsSync(sample)
  ? ""
  : " (skipped: ../shared/data/sample.ssim is not there; it is sample.ssim of the public repository Avionworx/Gna.Iata)";

describe.skipIf(!existsSync(sample))(`the sample file${needs}`, () => {
  test("is imported whole, once, at today's dates", async () => {
    const database = join(folder.path, "sample.sqlite");
    const first = startImport(database, sample, "--start", "2030-01-01");
    expect(await first.stdout.text()).toBe(
      [
        `${sample}: 519 records, 507 legs on sale, 3063 flights, leaving from 2030-01-06T10:10:00+04:00 to 2030-06-16T10:10:00+04:00, moved 1285 weeks on`,
        "3063 added, 0 unchanged, 0 differing",
        "legs not on sale: 2 of service type C, 2 of service type F, 2 of service type K, 1 of service type P\n",
      ].join("\n"),
    );
    expect(await first.exited).toBe(0);
    const again = startImport(database, sample, "--start", "2030-01-01");
    expect(await again.stdout.text()).toContain("0 added, 3063 unchanged, 0 differing");
    expect(await again.exited).toBe(0);
    expect(sizesIn(database).flights).toBe(3_063);
  });

  test("with one bad byte is refused whole", async () => {
    const bad = Uint8Array.from(readFileSync(sample));
    bad[201 * 99 + 28] = "9".charCodeAt(0);
    writeFileSync(season, bad);
    const process = startImport(join(folder.path, "sample.sqlite"), season);
    expect(await process.exited).toBe(1);
    expect(await process.stderr.text()).toStartWith(`${season}:100: days of operation (29-35): `);
    expect(existsSync(join(folder.path, "sample.sqlite"))).toBe(false);
  });
});

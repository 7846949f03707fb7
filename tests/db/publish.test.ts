/** Goal: flights get into the catalogue all or none while others write, and none that is there is ever changed, on SQLite and on MySQL. */

import { type SQLQueryBindings, Database as Sqlite } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Kysely } from "kysely";
import type { PlannedFlight } from "../../db/catalogue/planned-flight.ts";
import type { Database } from "../../db/schema.ts";
import { writerDialect } from "../../db/sqlite/writer-dialect.ts";
import { FlightPublisher } from "../../db/stores/flight-publisher.ts";
import { flightPublisherContract } from "../contract/flight-publisher.ts";
import { failureOf } from "../support/failure-of.ts";
import { catalogueSizes, type GivenDatabase, givenDatabase, plannedSeason } from "../support/given-catalogue.ts";
import { overDatabases } from "../support/given-database.ts";

/** Another connection to the file, as another process would have it; it waits for nobody. */
function neighbourOf(file: string): Sqlite {
  const connection = new Sqlite(file, { strict: true });
  connection.run("pragma busy_timeout = 0");
  return connection;
}

/** Runs `before` when the first flight is asked for, and `after` when there are no more. */
function* around(flights: Iterable<PlannedFlight>, before: () => void, after: () => void): Generator<PlannedFlight> {
  before();
  yield* flights;
  after();
}

overDatabases("publishing", flightPublisherContract);

describe("publish() beside others on one file", () => {
  let given: GivenDatabase;
  let publisher: FlightPublisher;

  beforeEach(async () => {
    given = await givenDatabase();
    publisher = new FlightPublisher(given.db.write, "sqlite");
  });
  afterEach(() => given.remove());

  test("locks nobody out while it stages, and stages while somebody else has the file locked", async () => {
    const server = neighbourOf(given.file);
    // Each of its transactions is open from one flight to the next: also while the first 250 and the next 250 are staged.
    function* besideTransactions(): Generator<PlannedFlight> {
      for (const flight of plannedSeason(600)) {
        server.run("begin immediate");
        server.run("update shards set epoch = epoch + 1 where shard = 0");
        yield flight;
        server.run("commit");
      }
    }
    expect((await publisher.publish(besideTransactions())).added).toBe(600);
    expect(server.query("select epoch from shards where shard = 0").get()).toEqual({ epoch: 600 });
    server.close();
  });

  test("shows nothing before it shows all", async () => {
    const reader = neighbourOf(given.file);
    const seen = new Set<number>();
    const look = (): void => {
      const row = reader.query<{ size: number }, []>("select count(*) as size from flight").get();
      seen.add(row?.size ?? -1);
    };
    await publisher.publish(around(plannedSeason(600), look, look), look);
    expect(seen).toEqual(new Set([0]));
    look();
    expect(seen).toEqual(new Set([0, 600]));
    reader.close();
  });

  test("leaves a flight alone that another import adds after it was looked for", async () => {
    const season = plannedSeason(20);
    await publisher.publish(season.slice(0, 5).map((flight) => ({ ...flight, aircraft: "320" })));
    const other = neighbourOf(given.file);
    const theirs = ["flight", "flight_head", "fare"].map((table) => {
      const rows = other.query(`select * from ${table}`).values();
      other.run(`delete from ${table}`);
      return { table, rows };
    });
    const addTheirs = (): void => {
      for (const { table, rows } of theirs.splice(0)) {
        for (const row of rows)
          other.run(`insert into ${table} values (${row.map(() => "?").join()})`, row as SQLQueryBindings[]);
      }
    };
    const write = new Kysely<Database>({
      dialect: writerDialect(given.db.writer),
      // Called when a statement has been answered, and before the next one is sent.
      log: ({ query }) => {
        if (query.sql.startsWith('update "staged_flight"')) addTheirs();
      },
    });
    const mine = await new FlightPublisher(write, "sqlite").publish(season);
    expect([mine.added, mine.unchanged, mine.differing.count]).toEqual([15, 0, 5]);
    expect(await catalogueSizes(given.db)).toEqual({ flights: 20, heads: 20, fares: 40 });
    other.close();
  });

  test("gives up on a server that never lets go, with nothing added, and can be called again", async () => {
    await given.db.writer.run("pragma busy_timeout = 1", []);
    const server = neighbourOf(given.file);
    const lock = (): void => {
      server.run("begin immediate");
    };
    expect(await failureOf(publisher.publish(around(plannedSeason(3), lock, () => {})))).toMatchObject({
      code: "UNAVAILABLE",
      retryable: true,
    });
    server.run("rollback");
    server.close();
    expect((await catalogueSizes(given.db)).flights).toBe(0);
    expect((await publisher.publish(plannedSeason(3))).added).toBe(3);
  });
});

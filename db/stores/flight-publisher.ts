/** Owns how flights get into the catalogue while others are sold: staged aside, then added in one short transaction, all or none. */

import type { Kysely } from "kysely";
import { OperationalError } from "../../actors/errors.ts";
import type { FlightPublisher as FlightPublisherPort } from "../../http/admin/flight-publisher.ts";
import type { PlannedFlight } from "../catalogue/planned-flight.ts";
import type { DialectName } from "../migrations/dialect.ts";
import { MysqlFailure } from "../mysql/failures.ts";
import type { Database } from "../schema.ts";
import { type Differences, differences } from "./flight-differences.ts";
import { createStaging, dropStaging, type StagingDatabase, type StagingTables, stage } from "./flight-staging.ts";

export interface Published {
  readonly added: number;
  /** Flights that were there already, just like this. */
  readonly unchanged: number;
  /** Flights that are there otherwise, and stay as they are. */
  readonly differing: Differences;
}

/** Each attempt waits as long as its connection waits for a lock; between a busy server's transactions there is little room. */
const ATTEMPTS_MAX = 6;

export class FlightPublisher implements FlightPublisherPort {
  readonly #write: Kysely<Database>;
  readonly #dialect: DialectName;

  /** @param write the handle that writes outside the commit lane: one of its connections is kept during a publication */
  constructor(write: Kysely<Database>, dialect: DialectName) {
    this.#write = write;
    this.#dialect = dialect;
  }

  /**
   * Adds the flights that the catalogue doesn't have, and changes none of those that it has.
   *
   * Nothing that others write to is locked while flights are staged. Commits of the lane wait for the transaction that
   * publishes them: on SQLite 20 to 30 ms for 3,000 flights (0.2 s beside 100,000 others), 1 to 2 s for 100,000.
   *
   * @param flights taken one by one; no id twice
   * @param onStaged is told, every few hundred flights, how many have been staged
   * @throws OperationalError UNAVAILABLE when the database stays busy, or what its driver says when it fails: all of the flights have been added then, or none
   */
  publish(flights: Iterable<PlannedFlight>, onStaged: (count: number) => void = () => {}): Promise<Published> {
    return this.#write.connection().execute(async (connection) => {
      const db = connection.withTables<StagingTables>();
      // A publication that failed on this connection has left its tables.
      await dropStaging(db);
      await createStaging(db, this.#dialect);
      const staged = await stage(db, flights, onStaged);
      await markKnown(db);
      const added = (await hasNew(db)) ? await patiently(() => addNew(db)) : 0;
      const differing = await differences(db);
      await dropStaging(db);
      return { added, unchanged: staged - added - differing.count, differing };
    });
  }
}

/** One transaction. What another import has added since the flights were staged is seen in it, and left alone. */
function addNew(db: Kysely<StagingDatabase>): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    await markKnown(transaction);
    const newFlights = transaction.selectFrom("staged_flight").where("is_new", "=", 1);
    await transaction
      .insertInto("seat_plan")
      .columns(["id", "seats"])
      .expression((e) =>
        e
          .selectFrom("staged_seat_plan")
          .select(["id", "seats"])
          .where("id", "in", newFlights.select("seat_plan"))
          .where("id", "not in", e.selectFrom("seat_plan").select("id")),
      )
      .execute();
    await transaction
      .insertInto("fare")
      .columns(["flight_id", "cabin", "amount"])
      .expression(
        newFlights
          .innerJoin("staged_fare", "staged_fare.flight_id", "staged_flight.id")
          .select(["staged_fare.flight_id", "staged_fare.cabin", "staged_fare.amount"]),
      )
      .execute();
    await transaction
      .insertInto("flight_head")
      .columns(["flight_id", "shard", "version", "logical_ms", "cabins"])
      .expression(
        newFlights.select((e) => ["id", "shard", e.lit(0).as("version"), e.lit(0).as("logical_ms"), "cabins"]),
      )
      .execute();
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto("flight")
      .columns([...FLIGHT_COLUMNS])
      .expression(newFlights.select(FLIGHT_COLUMNS))
      .executeTakeFirstOrThrow();
    return Number(numInsertedOrUpdatedRows);
  });
}

const FLIGHT_COLUMNS = [
  "id",
  "airline",
  "number",
  "origin",
  "destination",
  "departs_at_ms",
  "arrives_at_ms",
  "departs_local",
  "arrives_local",
  "departs_on",
  "aircraft",
  "seat_plan",
  "lowest_fare",
  "currency",
] as const;

async function markKnown(db: Kysely<StagingDatabase>): Promise<void> {
  await db
    .updateTable("staged_flight")
    .set({ is_new: 0 })
    .where("is_new", "=", 1)
    .where((e) => e.exists(e.selectFrom("flight").select("flight.id").whereRef("flight.id", "=", "staged_flight.id")))
    .execute();
}

async function hasNew(db: Kysely<StagingDatabase>): Promise<boolean> {
  const row = await db.selectFrom("staged_flight").select("id").where("is_new", "=", 1).limit(1).executeTakeFirst();
  return row !== undefined;
}

async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (cause) {
      if (!isPassing(cause)) throw cause;
      if (attempts === ATTEMPTS_MAX) throw new OperationalError("UNAVAILABLE", "The database is busy.", { cause });
    }
  }
}

/** Another transaction was in the way; in the last case one that added the same flight, which the next attempt will see. */
function isPassing(cause: unknown): boolean {
  if (cause instanceof OperationalError) return cause.cause instanceof MysqlFailure && cause.cause.kind === "passing";
  return cause instanceof Error && "code" in cause && (cause.code === "SQLITE_BUSY" || cause.code === "ER_DUP_ENTRY");
}

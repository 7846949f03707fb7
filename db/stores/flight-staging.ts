/** Owns where flights wait to be published: temporary tables, which belong to one connection and die with it, so that a crash leaves nothing behind. */

import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import { assert, present } from "../../actors/assert.ts";
import { FLIGHT_ID, shardOf } from "../../actors/domain/ids.ts";
import type { CabinSummary } from "../../actors/domain/projection.ts";
import { seatsOf } from "../catalogue/layout.ts";
import type { PlannedFlight } from "../catalogue/planned-flight.ts";
import { clustered, type DialectName, LONG_TEXT } from "../migrations/dialect.ts";
import type { Database, FareTable, FlightTable, SeatPlanTable } from "../schema.ts";

/** A flight with what its head begins with. */
export interface StagedFlightTable extends FlightTable {
  shard: number;
  /** JSON: `CabinSummary[]` */
  cabins: string;
  /** 1 until the catalogue is seen to have a flight of this name. */
  is_new: number;
}

export type StagingTables = {
  staged_flight: StagedFlightTable;
  staged_fare: FareTable;
  staged_seat_plan: SeatPlanTable;
};

export type StagingDatabase = Database & StagingTables;

/** Flights that one statement stages: together with their fares well under the 32,766 placeholders of a statement on SQLite. */
const FLIGHTS_PER_STATEMENT = 250;

/** Makes the tables anew. Keyed and ordered as the tables that they are for, so that publishing copies in order. */
export async function createStaging({ schema }: Kysely<StagingDatabase>, dialect: DialectName): Promise<void> {
  const inKeyOrder = clustered(dialect);
  await schema
    .createTable("staged_flight")
    .temporary()
    .addColumn("id", "varchar(48)", (c) => c.primaryKey().notNull())
    .addColumn("airline", "varchar(3)", (c) => c.notNull())
    .addColumn("number", "varchar(8)", (c) => c.notNull())
    .addColumn("origin", "varchar(3)", (c) => c.notNull())
    .addColumn("destination", "varchar(3)", (c) => c.notNull())
    .addColumn("departs_at_ms", "bigint", (c) => c.notNull())
    .addColumn("arrives_at_ms", "bigint", (c) => c.notNull())
    .addColumn("departs_local", "varchar(32)", (c) => c.notNull())
    .addColumn("arrives_local", "varchar(32)", (c) => c.notNull())
    .addColumn("departs_on", "varchar(10)", (c) => c.notNull())
    .addColumn("aircraft", "varchar(3)", (c) => c.notNull())
    .addColumn("seat_plan", "varchar(64)", (c) => c.notNull())
    .addColumn("lowest_fare", "bigint", (c) => c.notNull())
    .addColumn("currency", "varchar(3)", (c) => c.notNull())
    .addColumn("shard", "integer", (c) => c.notNull())
    .addColumn("cabins", LONG_TEXT, (c) => c.notNull())
    .addColumn("is_new", "integer", (c) => c.notNull())
    .modifyEnd(inKeyOrder)
    .execute();
  await schema
    .createTable("staged_fare")
    .temporary()
    .addColumn("flight_id", "varchar(48)", (c) => c.notNull())
    .addColumn("cabin", "varchar(1)", (c) => c.notNull())
    .addColumn("amount", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("staged_fare_key", ["flight_id", "cabin"])
    .modifyEnd(inKeyOrder)
    .execute();
  await schema
    .createTable("staged_seat_plan")
    .temporary()
    .addColumn("id", "varchar(64)", (c) => c.primaryKey().notNull())
    .addColumn("seats", LONG_TEXT, (c) => c.notNull())
    .modifyEnd(inKeyOrder)
    .execute();
}

export async function dropStaging({ schema }: Kysely<StagingDatabase>): Promise<void> {
  for (const table of ["staged_flight", "staged_fare", "staged_seat_plan"]) {
    await schema.dropTable(table).ifExists().execute();
  }
}

/**
 * Stages the flights, a bounded number at a time, and says how many there are so far after each step.
 * Locks nothing that others use. The same flight twice throws.
 */
export async function stage(
  db: Kysely<StagingDatabase>,
  flights: Iterable<PlannedFlight>,
  onStaged: (count: number) => void,
): Promise<number> {
  const seatPlans = new SeatPlans();
  let count = 0;
  let chunk: PlannedFlight[] = [];
  const flush = async (): Promise<void> => {
    const rows = chunk.map((flight) => flightRow(flight, seatPlans.idFor(flight)));
    const plans = seatPlans.takeNew();
    if (plans.length > 0) await db.insertInto("staged_seat_plan").values(plans).execute();
    await db.insertInto("staged_flight").values(rows).execute();
    await db.insertInto("staged_fare").values(chunk.flatMap(fareRows)).execute();
    count += chunk.length;
    chunk = [];
    onStaged(count);
  };
  for (const flight of flights) {
    chunk.push(flight);
    if (chunk.length === FLIGHTS_PER_STATEMENT) await flush();
  }
  if (chunk.length > 0) await flush();
  return count;
}

/** Layouts of one import, each made once: few, however many flights fly them. */
class SeatPlans {
  readonly #idByConfiguration = new Map<string, string>();
  readonly #ids = new Set<string>();
  #new: SeatPlanTable[] = [];

  /** Name of the layout: a hash of its content, so that equal ones are one row, whoever makes them. */
  idFor({ aircraft, cabins }: PlannedFlight): string {
    const configuration = `${aircraft} ${cabins.map(({ cabin, capacity }) => `${cabin}${capacity}`).join(" ")}`;
    const known = this.#idByConfiguration.get(configuration);
    if (known !== undefined) return known;
    const seats = JSON.stringify(seatsOf(aircraft, cabins));
    const id = createHash("sha256").update(seats).digest("hex");
    this.#idByConfiguration.set(configuration, id);
    if (!this.#ids.has(id)) {
      this.#ids.add(id);
      this.#new.push({ id, seats });
    }
    return id;
  }

  takeNew(): readonly SeatPlanTable[] {
    const taken = this.#new;
    this.#new = [];
    return taken;
  }
}

function flightRow(flight: PlannedFlight, seatPlan: string): StagedFlightTable {
  const { id, cabins } = flight;
  assert(FLIGHT_ID.test(id), `a flight's id fits into a subject of the bus: ${id}`);
  const currency = present(cabins[0], `${id} has a cabin`).fare.currency;
  assert(
    cabins.every(({ fare }) => fare.currency === currency),
    `the fares of ${id} are in one currency`,
  );
  const summaries = cabins.map(
    ({ cabin, capacity, fare }): CabinSummary => ({ cabin, capacity, free: capacity, lowestFare: fare.amount }),
  );
  return {
    id,
    airline: flight.airline,
    number: `${flight.number}${flight.suffix ?? ""}`,
    origin: flight.origin,
    destination: flight.destination,
    departs_at_ms: flight.departsAtMs,
    arrives_at_ms: flight.arrivesAtMs,
    departs_local: flight.departsLocal,
    arrives_local: flight.arrivesLocal,
    departs_on: flight.localDate,
    aircraft: flight.aircraft,
    seat_plan: seatPlan,
    lowest_fare: Math.min(...cabins.map(({ fare }) => fare.amount)),
    currency,
    shard: shardOf(id),
    cabins: JSON.stringify(summaries),
    is_new: 1,
  };
}

function fareRows({ id, cabins }: PlannedFlight): FareTable[] {
  return cabins.map(({ cabin, fare }) => ({ flight_id: id, cabin, amount: fare.amount }));
}

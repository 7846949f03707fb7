/** Owns a journal as tests of it need it: a host that owns every shard, flights that decide, and a look at every row. */

import { expect } from "bun:test";
import { assert, present } from "../../actors/assert.ts";
import { shardOf } from "../../actors/domain/ids.ts";
import type { Batch, Fence, FlightWrite, Journal } from "../../actors/journal.ts";
import type { Ownership } from "../../actors/shards.ts";
import type { Database } from "../../db/schema.ts";
import { journalOn } from "../../db/stores/journal.ts";
import { DecidingFlight, givenBatch } from "./given-batches.ts";
import { type FreshDatabase, type GivenDatabase, ownAllShards } from "./given-database.ts";
import { publishPlan } from "./given-host.ts";

const TABLES = [
  "journal",
  "flight_head",
  "reservation",
  "seat_claim",
  "passenger",
  "payment",
  "ticket",
] as const satisfies readonly (keyof Database)[];

/** Every row of the tables that a batch writes, in the order of their columns and with all numbers as text. */
export async function contents({ db }: GivenDatabase): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {};
  for (const table of TABLES) {
    const rows: object[] = await db.read.selectFrom(table).selectAll().execute();
    const text = (row: object): string =>
      JSON.stringify(Object.entries(row).map(([column, value]) => [column, value === null ? null : String(value)]));
    tables[table] = rows.map(text).sort((a, b) => (a < b ? -1 : 1));
  }
  return tables;
}

/** One start of a host that owns every shard. */
export class GivenOwner {
  readonly given: GivenDatabase;
  readonly journal: Journal;
  readonly owner: string;
  readonly ownership: Ownership;

  private constructor(given: GivenDatabase, journal: Journal, owner: string, ownership: Ownership) {
    this.given = given;
    this.journal = journal;
    this.owner = owner;
    this.ownership = ownership;
  }

  /** A new host takes over from whoever was there. */
  static async takeOver(given: GivenDatabase, journal: Journal): Promise<GivenOwner> {
    const owner = Bun.randomUUIDv7();
    return new GivenOwner(given, journal, owner, await ownAllShards(given.db, owner));
  }

  batch(...writes: readonly FlightWrite[]): Batch {
    return givenBatch(this.owner, this.ownership, writes);
  }

  async commit(...writes: readonly FlightWrite[]): Promise<Batch> {
    const batch = this.batch(...writes);
    const outcome = await this.journal.commit(batch, false);
    assert(outcome.kind === "committed", `committed, not ${JSON.stringify(outcome)}`);
    return batch;
  }

  fence(flightId: string): Fence {
    const shard = shardOf(flightId);
    return { shard, epoch: present(this.ownership.get(shard), "every shard is its own") };
  }
}

/** A database with its journal, and flights in its catalogue. */
export class GivenJournal {
  readonly given: GivenDatabase;
  readonly journal: Journal;
  #flights = 0;

  private constructor(given: GivenDatabase) {
    this.given = given;
    this.journal = journalOn(given.db);
  }

  static async open(fresh: FreshDatabase): Promise<GivenJournal> {
    return new GivenJournal(await fresh());
  }

  close(): Promise<void> {
    return this.given.remove();
  }

  /** A new host takes over from whoever was there. */
  takeOver(): Promise<GivenOwner> {
    return GivenOwner.takeOver(this.given, this.journal);
  }

  /** A flight of the catalogue on which nothing has happened. */
  async newFlight(): Promise<DecidingFlight> {
    const flight = new DecidingFlight(`PG-${String(++this.#flights).padStart(4, "0")}-20300131-ICN`);
    await publishPlan(this.given.db, flight.plan);
    return flight;
  }

  /** In rising order of id, each in a shard of its own. */
  async newFlights(count: number): Promise<DecidingFlight[]> {
    const made: DecidingFlight[] = [];
    while (made.length < count) {
      const flight = await this.newFlight();
      if (!made.some(({ flightId }) => shardOf(flightId) === shardOf(flight.flightId))) made.push(flight);
    }
    return made;
  }

  async twoFlights(): Promise<[DecidingFlight, DecidingFlight]> {
    const [one, two] = await this.newFlights(2);
    return [present(one, "the first"), present(two, "the second")];
  }

  /** Fails the test if any row that a batch writes has changed. */
  async changesNothing<T>(act: () => Promise<T>): Promise<T> {
    const before = await contents(this.given);
    const result = await act();
    expect(await contents(this.given)).toEqual(before);
    return result;
  }

  async entriesOf(flightId: string): Promise<{ version: number; batch: string }[]> {
    const { read } = this.given.db;
    const rows = read.selectFrom("journal").select(["version", "batch"]).where("flight_id", "=", flightId);
    return (await rows.orderBy("version").execute()).map((row) => ({ ...row, version: Number(row.version) }));
  }
}

/** Goal: the simulated database keeps to every contract that MySQL keeps to, so that the simulation is not kinder than the truth. */

import { describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { assert, present } from "../../actors/assert.ts";
import type { OpenDatabase, OpenMysql } from "../../db/open.ts";
import { JournalTailStore } from "../../db/stores/journal-tail.ts";
import { MysqlShards } from "../../db/stores/mysql-shards.ts";
import { numberBlocks } from "../../db/stores/number-blocks.ts";
import { RoomStateStore } from "../../db/stores/room-state.ts";
import { clusterShardsContract } from "../contract/cluster-shards.ts";
import { journalCommitContract } from "../contract/journal-commit.ts";
import { journalOutcomesContract } from "../contract/journal-outcomes.ts";
import { journalReadingContract } from "../contract/journal-reading.ts";
import { tellStory } from "../contract/journal-story.ts";
import { journalTailContract } from "../contract/journal-tail.ts";
import { paymentBookContract } from "../contract/payment-book.ts";
import { roomBookContract } from "../contract/room-book.ts";
import { givenPlan } from "../support/given.ts";
import { givenSqlite } from "../support/given-database.ts";
import { publishPlan } from "../support/given-host.ts";
import { GivenPayments } from "../support/given-payments.ts";
import { JournalWriter } from "../support/journal-writer.ts";
import { givenSimulated, givenSimulatedWithCompounds } from "./given-simulated.ts";

describe("journal in the simulated database", () => {
  journalCommitContract(givenSimulated);
  journalOutcomesContract(givenSimulated);
  journalReadingContract(givenSimulated);

  test("the same story leaves the same rows as in SQLite", async () => {
    expect(await tellStory(givenSimulated)).toEqual(await tellStory(givenSqlite));
  });
});

describe("journal in the simulated database that takes a whole transaction as one statement", () => {
  journalCommitContract(givenSimulatedWithCompounds);
  journalOutcomesContract(givenSimulatedWithCompounds);

  test("the same story leaves the same rows as in SQLite", async () => {
    expect(await tellStory(givenSimulatedWithCompounds)).toEqual(await tellStory(givenSqlite));
  });
});

function mysql(db: OpenDatabase): OpenMysql {
  assert(db.dialect === "mysql", "the simulated database is one of MySQL");
  return db;
}

clusterShardsContract("the simulated database", async () => {
  const { db, remove } = await givenSimulated();
  return {
    shards: new MysqlShards(mysql(db)),
    age: async (ms) => {
      await sql`update hosts set expires_at = expires_at - ${ms}, bus_ok_at = bus_ok_at - ${ms}`.execute(db.write);
    },
    reset: async () => {
      await db.write.deleteFrom("hosts").execute();
      await db.write.updateTable("shards").set({ owner: null, min_reader: 0 }).execute();
    },
    close: remove,
  };
});

journalTailContract("the simulated database", async () => {
  const { db, remove } = await givenSimulated();
  const writer = await JournalWriter.open(db);
  let flights = 0;
  return {
    tail: new JournalTailStore(db),
    addFlights: async (count) => {
      const added = Array.from({ length: count }, () => `PG-${String(++flights).padStart(4, "0")}-20300131-ICN`);
      for (const flightId of added) await publishPlan(db, givenPlan({ flightId }));
      return added;
    },
    commit: async (flightId, ...entries) => {
      for (const types of entries) await writer.append(flightId, types);
    },
    spoil: async (flightId, version) => {
      await db.write
        .updateTable("journal")
        .set({ turns: "[" })
        .where("flight_id", "=", flightId)
        .where("version", "=", version)
        .execute();
    },
    close: remove,
  };
});

paymentBookContract("the simulated database", async () => {
  const given = await GivenPayments.open({ database: givenSimulated });
  const reservations = new Map<string, string>();
  let seats = 0;
  return {
    book: given.book,
    clear: async () => {
      seats = 0;
      await given.fresh();
    },
    begin: async () => {
      const reservation = await given.hold([`${++seats}A`]);
      const payment = await given.begin(reservation);
      reservations.set(payment.id, reservation.id);
      return payment.id;
    },
    cancel: async (attempt) => {
      const id = present(reservations.get(attempt), "the attempt's reservation");
      await given.cancel(await given.reservation(id));
    },
    settle: async (attempt, status, amount = 90_000) => {
      await given.ask("settle-payment", { attempt, status, amount: { amount, currency: "KRW" }, ours: true });
    },
    nowMs: () => given.clock.nowMs(),
    close: () => given.close(),
  };
});

roomBookContract("in the simulated database", async () => {
  const { db, remove } = await givenSimulated();
  return {
    book: new RoomStateStore(db),
    async reserve(id, flightId, member, atMs) {
      const nothing = { pnr: "ABCDEF", status: "HELD", passengers: "[]", total_amount: 1, currency: "KRW" };
      await db.write
        .insertInto("reservation")
        .values({ id, flight_id: flightId, member_id: member, created_at_ms: atMs, expires_at_ms: 0, ...nothing })
        .execute();
    },
    close: remove,
  };
});

test("numbers that are leased at once by many are nobody else's", async () => {
  const { db, again, remove } = await givenSimulated();
  const blocks = [numberBlocks(db.write), numberBlocks((await again()).write)];
  const leased = await Promise.all(Array.from({ length: 20 }, (_, at) => blocks[at % 2]?.lease("pnr", 10)));
  expect([...leased].sort((a = 0, b = 0) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => 10 * at));
  await remove();
});

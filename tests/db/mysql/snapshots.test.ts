/** Goal: a snapshot of a large flight waits for nobody but whoever moves the very shard. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "kysely";
import { assert, present } from "../../../actors/assert.ts";
import { shardOf } from "../../../actors/domain/ids.ts";
import { NOW_MS } from "../../support/given.ts";
import { givenMysql } from "../../support/given-database.ts";
import { GivenJournal, type GivenOwner } from "../../support/given-journal.ts";
import { describeWithService } from "../../support/services.ts";

/** Enough for a text that is sent apart from its statement. */
const HOLDS = 150;
const TEXT_LENGTH_MIN = 100_000;

describeWithService("mariadbd", "a snapshot on MySQL", () => {
  let under: GivenJournal;
  let host: GivenOwner;

  beforeAll(async () => {
    under = await GivenJournal.open(givenMysql);
    host = await under.takeOver();
  });
  afterAll(() => under.close());

  test("is kept while everything else is locked: other shards, other flights, other snapshots", async () => {
    const [flight, other] = await under.newFlights(2);
    assert(flight !== undefined && other !== undefined, "two flights");
    for (let at = 0; at < HOLDS; at++) {
      flight.hold([present(flight.plan.seatPlan.seats[at], "a seat").seat], undefined, { member: `member-${at}` });
    }
    other.hold(["1A"]);
    await host.commit(flight.write(), other.write());
    const save = (of: typeof flight) =>
      under.journal.saveSnapshot(of.flightId, host.fence(of.flightId), host.owner, of.snapshot());
    await save(other);
    const shard = shardOf(flight.flightId);

    await under.given.db.write.transaction().execute(async (another) => {
      await sql`select * from shards where shard <> ${shard} for update`.execute(another);
      await sql`select * from flight_head for update`.execute(another);
      await sql`select * from snapshot for update`.execute(another);
      expect(JSON.stringify(flight.snapshot()).length).toBeGreaterThan(TEXT_LENGTH_MIN);
      expect(await save(flight)).toBe(true);
    });
    expect((await under.journal.load(flight.flightId, NOW_MS))?.snapshot).toEqual(flight.snapshot());
  });
});

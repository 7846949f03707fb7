/** Goal: whatever goes wrong before the COMMIT, nothing of the batch stays, no COMMIT follows a row that was refused, and the same batch goes through later. */

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { sql } from "kysely";
import { present } from "../../../actors/assert.ts";
import type { Batch } from "../../../actors/journal.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import type { DecidingFlight } from "../../support/given-batches.ts";
import { COMMIT_ON_THE_WIRE, GivenFarJournal } from "../../support/given-far-journal.ts";
import type { GivenOwner } from "../../support/given-journal.ts";
import { describeWithService } from "../../support/services.ts";

for (const way of ["two trips", "one trip"] as const)
  describeWithService("mariadbd", `a commit on MySQL in ${way}`, () => {
    let far: GivenFarJournal;
    let host: GivenOwner;
    let flights: readonly [DecidingFlight, DecidingFlight];
    let clock: FakeClock;

    beforeAll(async () => {
      clock = new FakeClock();
      far = await GivenFarJournal.open(way, clock);
    });
    beforeEach(async () => {
      host = await far.takeOver();
      flights = await far.near.twoFlights();
      for (const flight of flights) flight.hold(["1A"]);
      await far.committed(host.batch(...flights.map((flight) => flight.write())));
    });
    afterEach(() => far.proxy.mend());
    afterAll(() => far.close());

    function nextBatch(): Batch {
      for (const flight of flights) flight.hold(["2A"]);
      return host.batch(...flights.map((flight) => flight.write()));
    }

    /** Another transaction that holds a flight's head, as an operator's may, for as long as it likes. */
    async function otherTransaction() {
      const { db } = far.near.given;
      return await db.write.startTransaction().execute();
    }

    async function commitsSent(): Promise<number> {
      const [row] = await far.server.run("show global status like 'Com_commit'");
      return Number(present(row, "a count of commits").Value);
    }

    if (way === "two trips") {
      test("whose connection is cut before its COMMIT is passing, and goes through when it is sent again", async () => {
        const batch = nextBatch();
        const broken = far.proxy.breakAt(batch.id, "before");
        await far.near.changesNothing(async () => {
          expect(await far.commit(batch)).toMatchObject({ kind: "passing" });
        });
        await broken;
        await far.committed(batch);
      });

      test("of which the server says nothing is passing after a time, and its connection is given up", async () => {
        const batch = nextBatch();
        const silent = far.proxy.breakAt(batch.id, "silent");
        const outcome = far.commit(batch);
        await silent;
        clock.advance(60_000);
        expect(await outcome).toMatchObject({ kind: "passing" });
        await far.committed(batch);
      });

      test("whose COMMIT the server never acknowledges is unknown after a time", async () => {
        const batch = nextBatch();
        const silent = far.proxy.breakAt(COMMIT_ON_THE_WIRE, "silent");
        const outcome = far.commit(batch);
        await silent;
        clock.advance(60_000);
        expect(await outcome).toMatchObject({ kind: "unknown" });
        await far.committed(batch, true);
      });
    } else {
      test("of which the server says nothing is unknown after a time, and its connection is given up", async () => {
        const batch = nextBatch();
        const silent = far.proxy.breakAt(batch.id, "silent");
        const outcome = far.commit(batch);
        await silent;
        clock.advance(60_000);
        expect(await outcome).toMatchObject({ kind: "unknown" });
        await far.committed(batch, true);
      });
    }

    test("without a server is passing, until the server is back", async () => {
      const batch = nextBatch();
      far.proxy.down();
      await far.near.changesNothing(async () => {
        for (let tries = 0; tries < 3; tries++) expect(await far.commit(batch)).toMatchObject({ kind: "passing" });
      });
      far.proxy.mend();
      await far.committed(batch);
    });

    test("that waits too long for a lock is passing, and leaves no transaction behind", async () => {
      const [flight] = flights;
      const other = await otherTransaction();
      await other.selectFrom("flight_head").selectAll().where("flight_id", "=", flight.flightId).forUpdate().execute();
      const batch = nextBatch();
      const beganMs = performance.now();
      expect(await far.commit(batch)).toMatchObject({ kind: "passing" });
      const tookMs = performance.now() - beganMs;
      expect(tookMs).toBeGreaterThan(1_500);
      expect(tookMs).toBeLessThan(3_000);
      // It waited for the first head alone, and the second is free at once.
      const second = other.selectFrom("flight_head").selectAll().where("flight_id", "=", flights[1].flightId);
      await second.forUpdate().noWait().execute();
      await other.rollback().execute();
      await far.committed(batch);
    });

    test("waits for a claim of its shard, and is passing when that takes too long", async () => {
      const other = await otherTransaction();
      const { shard } = present(nextBatch().flights[0], "a flight");
      await other.selectFrom("shards").selectAll().where("shard", "=", shard).forUpdate().execute();
      const batch = host.batch(...flights.map((flight) => flight.write()));
      const outcome = far.commit(batch);
      await far.someoneWaits();
      expect(await outcome).toMatchObject({ kind: "passing", cause: { code: "ER_LOCK_WAIT_TIMEOUT" } });
      await other.rollback().execute();
    });

    test("that waits too long for a table is passing, and leaves nobody waiting for it on the server", async () => {
      const batch = nextBatch();
      // As a backup or an operator does. Sessions that were given up would wait as long, each in a place of its own, until there is none left.
      await far.near.given.db.write.connection().execute(async (operator) => {
        await sql`lock tables journal read`.execute(operator);
        expect(await far.commit(batch)).toMatchObject({ kind: "passing", cause: { code: "ER_LOCK_WAIT_TIMEOUT" } });
        await sql`unlock tables`.execute(operator);
      });
      await far.committed(batch);
    });

    test("that is chosen to end a deadlock is passing, and goes through when it is sent again", async () => {
      const [one, two] = flights;
      const other = await otherTransaction();
      const lock = (flightId: string) =>
        other.selectFrom("flight_head").selectAll().where("flight_id", "=", flightId).forUpdate().execute();
      await lock(two.flightId);
      // The heavier of two is kept, by InnoDB's rule.
      await other
        .insertInto("passenger")
        .values(
          Array.from({ length: 500 }, (_, ordinal) => ({
            reservation_id: "heavy",
            ordinal,
            name: "x",
            birth_date: null,
          })),
        )
        .execute();
      const batch = nextBatch();
      const outcome = far.commit(batch);
      await far.someoneWaits();
      await lock(one.flightId);
      expect(await outcome).toMatchObject({ kind: "passing", cause: { code: "ER_LOCK_DEADLOCK" } });
      await other.rollback().execute();
      await far.near.changesNothing(async () => {});
      await far.committed(batch);
    });

    test("of half of all flights waits for nobody who has locked the other half", async () => {
      const many = await far.near.newFlights(40);
      const batches = [0, 1].map((half) => {
        const mine = many.filter((_, at) => at % 2 === half);
        for (const flight of mine) flight.hold(["3A"]);
        return host.batch(...mine.map((flight) => flight.write()));
      });
      const [theirs, ours] = [present(batches[0], "one half"), present(batches[1], "the other half")];
      const other = await otherTransaction();
      const ids = theirs.flights.map(({ flightId }) => flightId);
      await other.selectFrom("flight_head").selectAll().where("flight_id", "in", ids).forUpdate().execute();
      const beganMs = performance.now();
      await far.committed(ours);
      expect(performance.now() - beganMs).toBeLessThan(1_500);
      await other.rollback().execute();
      await far.committed(theirs);
    });

    test("with a row that is refused sends no COMMIT at all", async () => {
      const batch = nextBatch();
      const [first] = batch.flights;
      const change = present(present(first, "a flight").change, "a change");
      const taken = { remove: [], add: [{ seat: "1A", reservationId: "another" }] };
      const spoilt = { ...change, projection: { ...change.projection, claims: taken } };
      const before = await commitsSent();
      await far.near.changesNothing(async () => {
        const wrong = {
          ...batch,
          flights: [{ ...present(first, "a flight"), change: spoilt }, ...batch.flights.slice(1)],
        };
        expect(await far.commit(wrong)).toMatchObject({ kind: "violated", cause: { code: "ER_DUP_ENTRY" } });
      });
      expect(await commitsSent()).toBe(before);
      await far.committed(batch);
    });

    test("with a value that a column can't hold is violated, and says the column and not the value", async () => {
      const batch = nextBatch();
      const [first, ...rest] = batch.flights;
      const change = present(present(first, "a flight").change, "a change");
      const passengers = [{ reservationId: "r", ordinal: 0, name: "Kim Minji ".repeat(20), birthDate: null }];
      const spoilt = { ...change, projection: { ...change.projection, passengers } };
      await far.near.changesNothing(async () => {
        const outcome = await far.commit({
          ...batch,
          flights: [{ ...present(first, "a flight"), change: spoilt }, ...rest],
        });
        expect(outcome).toMatchObject({ kind: "violated", cause: { code: "ER_DATA_TOO_LONG" } });
        expect(String("cause" in outcome ? outcome.cause : "")).toContain("name");
        expect(String("cause" in outcome ? outcome.cause : "")).not.toContain("Kim");
      });
      await far.committed(batch);
    });

    test("that is larger than the server takes is violated, and not tried for ever", async () => {
      const batch = nextBatch();
      const [first, ...rest] = batch.flights;
      const change = present(present(first, "a flight").change, "a change");
      const turns = change.entry.turns.map((turn) => {
        return { ...turn, key: { ...present(turn.key, "a key"), fingerprint: "x".repeat(80_000_000) } };
      });
      const huge = { ...change, entry: { ...change.entry, turns } };
      await far.near.changesNothing(async () => {
        const outcome = await far.commit({
          ...batch,
          flights: [{ ...present(first, "a flight"), change: huge }, ...rest],
        });
        expect(outcome).toMatchObject({ kind: "violated" });
      });
      await far.committed(batch);
    });

    test("goes through after the server was killed and started again, with nothing lost", async () => {
      const before = await far.near.entriesOf(flights[0].flightId);
      await far.server.kill();
      const batch = nextBatch();
      expect(await far.commit(batch)).toMatchObject({ kind: "passing" });
      await far.server.restart();
      await far.committed(batch);
      expect(await far.near.entriesOf(flights[0].flightId)).toEqual([...before, { version: 2, batch: batch.id }]);
    });
  });

/** Owns what every commit must keep to, whatever database stands behind the journal: run over each implementation of the port. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { shardOf } from "../../actors/domain/ids.ts";
import { DecidingFlight } from "../support/given-batches.ts";
import type { FreshDatabase } from "../support/given-database.ts";
import { GivenJournal, type GivenOwner } from "../support/given-journal.ts";

export function journalCommitContract(fresh: FreshDatabase): void {
  let under: GivenJournal;
  let host: GivenOwner;

  beforeAll(async () => {
    under = await GivenJournal.open(fresh);
  });
  beforeEach(async () => {
    host = await under.takeOver();
  });
  afterAll(() => under.close());

  describe("commit()", () => {
    test("writes the entry, moves the head, and tells every projection", async () => {
      const flight = await under.newFlight();
      const kept = flight.hold(["1A", "1B"]);
      const { id } = await host.commit(flight.write());
      expect(await under.entriesOf(flight.flightId)).toEqual([{ version: 1, batch: id }]);
      const { read } = under.given.db;
      const head = await read
        .selectFrom("flight_head")
        .selectAll()
        .where("flight_id", "=", flight.flightId)
        .executeTakeFirstOrThrow();
      expect(Number(head.version)).toBe(1);
      expect(head.last_batch).toBe(id);
      expect(Number(head.next_deadline_ms)).toBe(kept.expiresAtMs);
      expect(JSON.parse(head.cabins)).toEqual([{ cabin: "Y", capacity: 180, free: 178, lowestFare: 90_000 }]);
      const claims = read.selectFrom("seat_claim").select("seat").where("reservation_id", "=", kept.id);
      expect((await claims.execute()).map(({ seat }) => seat).sort()).toEqual(["1A", "1B"]);
      const names = read.selectFrom("passenger").select("name").where("reservation_id", "=", kept.id);
      expect((await names.orderBy("ordinal").execute()).map(({ name }) => name)).toEqual([
        "Passenger 1A",
        "Passenger 1B",
      ]);
    });

    test("takes one flight through many batches with no gap", async () => {
      const flight = await under.newFlight();
      for (let row = 1; row <= 9; row++) {
        flight.hold([`${row}A`]);
        await host.commit(flight.write());
      }
      expect((await under.entriesOf(flight.flightId)).map(({ version }) => version)).toEqual(
        Array.from({ length: 9 }, (_, at) => at + 1),
      );
    });

    test("lets a seat change hands within a batch, and keeps who holds it", async () => {
      const flight = await under.newFlight();
      const first = flight.hold(["1A", "1B"]);
      await host.commit(flight.write());
      flight.release(first);
      const second = flight.hold(["1A"]);
      await host.commit(flight.write());
      const claims = under.given.db.read.selectFrom("seat_claim").select(["seat", "reservation_id"]);
      expect(await claims.where("flight_id", "=", flight.flightId).execute()).toEqual([
        { seat: "1A", reservation_id: second.id },
      ]);
    });

    test("keeps texts as they are, whatever they look like", async () => {
      const flight = await under.newFlight();
      const names = [
        "O'Brien \\",
        "'); drop table journal; -- ",
        "김민지 👩🏽‍✈️",
        'a "quoted" % _ ? $1 :x',
        "tab\tand\u0000nul",
      ];
      const { id } = flight.hold(["1A", "1B", "1C", "1D", "1E"], names);
      await host.commit(flight.write());
      const rows = under.given.db.read.selectFrom("passenger").select("name").where("reservation_id", "=", id);
      expect((await rows.orderBy("ordinal").execute()).map(({ name }) => name)).toEqual(names);
    });

    test("writes batches of more values than one statement can have", async () => {
      const flight = await under.newFlight();
      flight.hold(["1A"]);
      const write = flight.write();
      const change = present(write.change, "a hold changes");
      const passengers = Array.from({ length: 20_000 }, (_, ordinal) => ({
        reservationId: "large",
        ordinal,
        name: `Passenger ${ordinal}`,
        birthDate: ordinal % 3 === 0 ? null : "2001-02-03",
      }));
      await host.commit({ ...write, change: { ...change, projection: { ...change.projection, passengers } } });
      const { count } = await under.given.db.read
        .selectFrom("passenger")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("reservation_id", "=", "large")
        .executeTakeFirstOrThrow();
      expect(Number(count)).toBe(20_000);
    });

    test("tells of many holds that end at once, and of none when one of them is another's by now", async () => {
      const flight = await under.newFlight();
      const seats = flight.plan.seatPlan.seats.map(({ seat }) => seat);
      const held = seats.map((seat, at) => flight.hold([seat], ["Kim"], { member: `m${at}` }));
      await host.commit(flight.write());
      const [first, second] = held;
      if (first === undefined || second === undefined) throw new Error("a flight has seats");
      flight.release(first);
      flight.release(second);
      flight.expire(present(held.at(-1), "the last hold"));
      const again = flight.hold([seats[5] ?? ""], ["Lee"], { member: "m1000" });
      const write = flight.write();
      const change = present(write.change, "ends change");
      const { reservations, claims } = change.projection;
      expect([reservations.update.length, claims.remove.length]).toEqual([seats.length, seats.length]);

      const remove = claims.remove.map((row, at) => (at === 70 ? { ...row, reservationId: first.id } : row));
      const spoilt = { ...change, projection: { ...change.projection, claims: { ...claims, remove } } };
      await under.changesNothing(async () => {
        const outcome = await under.journal.commit(host.batch({ ...write, change: spoilt }), false);
        expect(outcome).toMatchObject({ kind: "violated" });
      });

      await host.commit(write);
      const { read } = under.given.db;
      const claimed = read.selectFrom("seat_claim").select(["seat", "reservation_id"]);
      expect(await claimed.where("flight_id", "=", flight.flightId).execute()).toEqual([
        { seat: seats[5] ?? "", reservation_id: again.id },
      ]);
      const stored = await read
        .selectFrom("reservation")
        .select(["id", "status"])
        .where("flight_id", "=", flight.flightId)
        .execute();
      const statusOf = new Map(stored.map(({ id, status }) => [id, status]));
      expect([statusOf.get(first.id), statusOf.get(second.id), statusOf.get(again.id)]).toEqual([
        "RELEASED",
        "RELEASED",
        "HELD",
      ]);
      expect([...statusOf.values()].filter((status) => status === "EXPIRED")).toHaveLength(seats.length - 2);
    });

    test("writes many flights in one transaction, or none", async () => {
      const many = await under.newFlights(5);
      for (const flight of many) flight.hold(["2A"]);
      const writes = many.map((flight) => flight.write());
      const { id } = await host.commit(...writes);
      for (const { flightId } of many) expect(await under.entriesOf(flightId)).toEqual([{ version: 1, batch: id }]);

      for (const flight of many) flight.hold(["2B"]);
      const next = many.map((flight) => flight.write());
      const stale = next.map((write, at) => (at === 3 ? { ...write, base: 0 } : write));
      await under.changesNothing(async () => {
        expect(await under.journal.commit(host.batch(...stale), false)).toEqual({
          kind: "lost",
          flights: [many[3]?.flightId ?? ""],
        });
      });
      await host.commit(...next);
    });
  });

  describe("commit() is fenced", () => {
    test("a flight whose shard has another owner is lost, and nothing is written for the others either", async () => {
      const [mine, theirs] = await under.twoFlights();
      mine.hold(["1A"]);
      theirs.hold(["1A"]);
      const batch = host.batch(mine.write(), theirs.write());
      await under.given.db.write
        .updateTable("shards")
        .set(({ eb }) => ({ owner: "somebody", epoch: eb("epoch", "+", 1) }))
        .where("shard", "=", shardOf(theirs.flightId))
        .execute();
      await under.changesNothing(async () => {
        expect(await under.journal.commit(batch, false)).toEqual({ kind: "lost", flights: [theirs.flightId] });
      });
    });

    test("the same owner under another epoch is another owner", async () => {
      const flight = await under.newFlight();
      flight.hold(["1A"]);
      const batch = host.batch(flight.write());
      const { shard, epoch } = host.fence(flight.flightId);
      for (const other of [epoch + 1, epoch - 1]) {
        await under.given.db.write.updateTable("shards").set({ epoch: other }).where("shard", "=", shard).execute();
        await under.changesNothing(async () => {
          expect(await under.journal.commit(batch, false)).toEqual({ kind: "lost", flights: [flight.flightId] });
        });
      }
      await under.given.db.write.updateTable("shards").set({ epoch, owner: null }).where("shard", "=", shard).execute();
      await under.changesNothing(async () => {
        expect(await under.journal.commit(batch, false)).toEqual({ kind: "lost", flights: [flight.flightId] });
      });
    });

    test("a flight that is further than the batch was decided on is lost; of one that is less far, commits are gone", async () => {
      const flight = await under.newFlight();
      flight.hold(["1A"]);
      await host.commit(flight.write());
      flight.hold(["1B"]);
      const write = flight.write();
      for (const base of [0, 2, 7]) {
        await under.changesNothing(async () => {
          expect(await under.journal.commit(host.batch({ ...write, base }), false)).toEqual({
            kind: base === 0 ? "lost" : "rewound",
            flights: [flight.flightId],
          });
        });
      }
      await host.commit(write);
    });

    test("a flight of which there is no head is lost", async () => {
      const unknown = new DecidingFlight("PG-9999-20300131-ICN");
      unknown.hold(["1A"]);
      await under.changesNothing(async () => {
        expect(await under.journal.commit(host.batch(unknown.write()), false)).toEqual({
          kind: "lost",
          flights: [unknown.flightId],
        });
      });
    });

    test("reads and refusals are checked like changes, and write nothing", async () => {
      const flight = await under.newFlight();
      flight.hold(["1A"]);
      await host.commit(flight.write());
      const read = { ...flight.write(), base: 1 };
      expect(read.change).toBeNull();
      await under.changesNothing(async () => {
        expect(await under.journal.commit(host.batch(read), false)).toEqual({ kind: "committed" });
        expect(await under.journal.commit(host.batch({ ...read, base: 0 }), false)).toEqual({
          kind: "lost",
          flights: [flight.flightId],
        });
      });
      const old = host.batch(read);
      await under.takeOver();
      await under.changesNothing(async () => {
        expect(await under.journal.commit(old, false)).toEqual({ kind: "lost", flights: [flight.flightId] });
      });
    });

    test("reads stand beside changes in one batch", async () => {
      const [reader, writer] = await under.twoFlights();
      writer.hold(["1A"]);
      await host.commit(reader.write(), writer.write());
      expect(await under.entriesOf(reader.flightId)).toEqual([]);
      writer.hold(["1B"]);
      const next = writer.write();
      await under.changesNothing(async () => {
        const batch = host.batch({ ...reader.write(), base: 3 }, next);
        expect(await under.journal.commit(batch, false)).toEqual({ kind: "rewound", flights: [reader.flightId] });
      });
    });

    test("a former owner is fenced in every flight at once, and the next owner goes on from what it committed", async () => {
      const many = await under.newFlights(3);
      for (const flight of many) flight.hold(["3A"]);
      await host.commit(...many.map((flight) => flight.write()));
      for (const flight of many) flight.hold(["3B"]);
      const late = host.batch(...many.map((flight) => flight.write()));
      const next = await under.takeOver();
      await under.changesNothing(async () => {
        expect(await under.journal.commit(late, false)).toEqual({
          kind: "lost",
          flights: many.map(({ flightId }) => flightId),
        });
      });
      await next.commit(...late.flights);
    });
  });
}

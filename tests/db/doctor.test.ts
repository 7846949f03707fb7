/** Goal: the doctor finds whatever differs from the journals and repairs what they imply, in SQLite and in MySQL, and never beside hosts that serve. */

import { afterEach, beforeEach, expect, test } from "bun:test";
import { sql } from "kysely";
import { present } from "../../actors/assert.ts";
import { runDoctorOn } from "../../db/doctor/doctor.ts";
import { journalOn } from "../../db/stores/journal.ts";
import { MysqlShards } from "../../db/stores/mysql-shards.ts";
import { DecidingFlight, givenBatch } from "../support/given-batches.ts";
import { type GivenDatabase, overDatabases, ownAllShards } from "../support/given-database.ts";
import { publishPlan } from "../support/given-host.ts";
import { contents } from "../support/given-journal.ts";
import { until } from "../support/until.ts";

const FLIGHTS = ["PG-0001-20300131-ICN", "PG-0002-20300131-ICN"];

overDatabases("the doctor", (fresh, dialect) => {
  let given: GivenDatabase;
  /** All rows, before anything was harmed. */
  let sound: Record<string, string[]>;
  let incarnation: string;

  beforeEach(async () => {
    given = await fresh();
    incarnation = Bun.randomUUIDv7();
    const ownership = await ownAllShards(given.db, incarnation);
    const journal = journalOn(given.db);
    const flights = FLIGHTS.map((flightId) => new DecidingFlight(flightId));
    for (const { plan } of flights) await publishPlan(given.db, plan);
    const commit = async (): Promise<void> => {
      const batch = givenBatch(
        incarnation,
        ownership,
        flights.map((flight) => flight.write()),
      );
      expect(await journal.commit(batch, false)).toEqual({ kind: "committed" });
    };
    const payments = flights.map((flight) => {
      flight.beginPayment(flight.hold(["2A"]));
      return { flight, payment: flight.beginPayment(flight.hold(["1A", "1B"])) };
    });
    await commit();
    for (const { flight, payment } of payments) flight.capture(payment);
    await commit();
    // The host has left in order.
    await given.db.write.updateTable("shards").set({ owner: null }).execute();
    await given.db.write.deleteFrom("hosts").execute();
    sound = await contents(given);
  });
  afterEach(() => given.remove());

  async function doctor(rebuild = false): Promise<{ code: number; out: string[]; err: string[] }> {
    const out: string[] = [];
    const err: string[] = [];
    const code = await runDoctorOn({
      database: given.address,
      rebuild,
      print: (line) => out.push(line),
      printError: (line) => err.push(line),
    });
    return { code, out, err };
  }

  /** Closes the file, which the doctor wants for itself. */
  const clean = "Clean: 2 flights, 4 journal entries, 4 reservations.";

  test("finds nothing where nothing differs", async () => {
    expect(await doctor()).toEqual({ code: 0, out: [clean], err: [] });
  });

  test("finds what was lost, changed and added, and makes it anew with --rebuild", async () => {
    const { write } = given.db;
    const [one = "", two = ""] = FLIGHTS;
    await write.deleteFrom("seat_claim").where("flight_id", "=", one).where("seat", "=", "1A").execute();
    await write.updateTable("reservation").set({ status: "EXPIRED" }).where("flight_id", "=", two).execute();
    await write.deleteFrom("ticket").execute();
    await write.updateTable("payment").set({ amount: 1 }).where("flight_id", "=", two).execute();
    await write.updateTable("flight_head").set({ cabins: "[]" }).where("flight_id", "=", one).execute();
    await write.insertInto("seat_claim").values({ flight_id: "PG-9", seat: "1A", reservation_id: "stray" }).execute();

    const sick = await doctor();
    expect(sick.code).toBe(1);
    for (const finding of [
      "seat_claim 1A is missing",
      "status is EXPIRED, the journal says",
      "amount is 1",
      "the head says []",
      "flights that don't exist",
    ])
      expect(sick.out.join("\n")).toContain(finding);

    const healed = await doctor(true);
    expect(healed).toEqual({ code: 0, out: ["The projections of 2 flights were made anew.", clean], err: [] });
    const after = await contents(given);
    // Which batch wrote last, and when to look at a payment again, is in no journal.
    for (const table of ["journal", "reservation", "seat_claim", "passenger", "ticket"])
      expect(after[table]).toEqual(sound[table] ?? []);
    expect((await doctor()).code).toBe(0);
  });

  test("leaves the time of the next look where the payment is what the journal says, and sets it anew elsewhere", async () => {
    const { read, write } = given.db;
    await write
      .updateTable("payment")
      .set({ amount: 1, next_look_ms: 7, looks: 3 })
      .where("status", "=", "PENDING")
      .execute();
    // As it was before it was settled: whoever looks for what is due would find it for ever.
    await write
      .updateTable("payment")
      .set({ status: "PENDING", captured_amount: null, captured_currency: null, next_look_ms: 5, looks: 3 })
      .where("status", "=", "CAPTURED")
      .execute();
    expect((await doctor(true)).code).toBe(0);
    const rows = await read
      .selectFrom("payment")
      .selectAll()
      .where("flight_id", "=", FLIGHTS[0] ?? "")
      .execute();
    expect(rows.map(({ status, next_look_ms, looks }) => `${status} ${next_look_ms} ${looks}`).sort()).toEqual([
      "CAPTURED null 0",
      "PENDING 7 3",
    ]);
  });

  test("derives nothing from a journal that contradicts itself, and says so", async () => {
    const [one = ""] = FLIGHTS;
    await given.db.write.deleteFrom("journal").where("flight_id", "=", one).where("version", "=", 2).execute();
    const { code, out } = await doctor(true);
    expect(code).toBe(1);
    expect(out[0]).toBe(`${one}: not rebuilt, its journal contradicts itself`);
    const after = await contents(given);
    expect(after.reservation).toEqual(sound.reservation ?? []);
  });

  if (dialect === "sqlite") {
    test("finds which reservations their members can't find, and lets them find these again", async () => {
      const { read, write } = given.db;
      const found = async (): Promise<string[]> =>
        (await read.selectFrom("reservation_of_member").select("reservation_id").execute())
          .map(({ reservation_id }) => reservation_id)
          .sort();
      const before = await found();
      expect(before).toHaveLength(4);
      await write.transaction().execute(async (transaction) => {
        // As if all were indexed, and one reservation was lost before that.
        await sql`update member_index_state set indexed_to = (select max(id) from reservation)`.execute(transaction);
        await sql`delete from reservation_by_member`.execute(transaction);
        await sql`insert into reservation_by_member values ('m1', 'stray')`.execute(transaction);
        await transaction
          .deleteFrom("reservation")
          .where("id", "=", before[0] ?? "")
          .execute();
      });
      expect(await found()).toEqual(["stray"]);
      const sick = await doctor();
      expect(sick.out).toContain("reservation_by_member lacks 3 reservations");
      expect(sick.out).toContain("reservation_by_member has 1 rows of no reservation");

      expect((await doctor(true)).code).toBe(0);
      expect(await found()).toEqual(before);
    });
    return;
  }

  test("never rebuilds while a host serves, which it names and leaves alone", async () => {
    const db = given.db.dialect === "mysql" ? given.db : null;
    const shards = new MysqlShards(present(db, "MySQL"));
    await shards.register({ incarnation, hostId: "seoul-1", weight: 1, minReader: 1 }, true);
    const mine = await shards.claim([1, 2, 3], incarnation);
    const refused = await doctor(true);
    expect(refused.code).toBe(2);
    expect(refused.err.join()).toContain("seoul-1");
    expect(await shards.beat(incarnation, true)).not.toBeNull();
    const { shards: rows, hosts } = await shards.view();
    expect(rows.filter(({ owner }) => owner !== null)).toEqual(
      [...mine].map(([shard, epoch]) => ({ shard, epoch, owner: incarnation })),
    );
    expect(hosts).toHaveLength(1);
    // Only to look is allowed at any time.
    expect((await doctor()).code).toBe(0);
  });

  test("never rebuilds while NATS is away from hosts that live", async () => {
    const db = given.db.dialect === "mysql" ? given.db : null;
    const shards = new MysqlShards(present(db, "MySQL"));
    await shards.register({ incarnation, hostId: "seoul-1", weight: 1, minReader: 1 }, true);
    await shards.claim([1, 2, 3], incarnation);
    await shards.beat(incarnation, false);
    const refused = await doctor(true);
    expect(refused.code).toBe(2);
    expect(refused.err.join()).toContain("seoul-1");
    expect(await shards.beat(incarnation, true)).not.toBeNull();
    expect((await shards.view()).shards.filter(({ owner }) => owner === incarnation)).toHaveLength(3);
  });

  test("takes over from a host that died, and gives all shards back, for the next host to have at once", async () => {
    const db = given.db.dialect === "mysql" ? given.db : null;
    const shards = new MysqlShards(present(db, "MySQL"));
    await shards.register({ incarnation, hostId: "dead", weight: 1, minReader: 1 }, true);
    const former = await shards.claim([1], incarnation);
    await given.db.write.updateTable("hosts").set({ expires_at: 0 }).execute();
    expect((await doctor(true)).code).toBe(0);
    expect(await shards.beat(incarnation, true)).toBeNull();
    await until(async () => (await shards.view()).shards.every(({ owner }) => owner === null), "all shards are free");
    const next = Bun.randomUUIDv7();
    await shards.register({ incarnation: next, hostId: "next", weight: 1, minReader: 1 }, true);
    expect((await shards.claim([1], next)).get(1)).toBeGreaterThan(former.get(1) ?? 0);
  });

  test("says what is wrong when it can't look", async () => {
    const out: string[] = [];
    const database = { kind: "mysql", url: "mysql://u:secret@127.0.0.1:1/x", tlsCa: null } as const;
    const said = { print: (line: string) => out.push(line), printError: (line: string) => out.push(line) };
    expect(await runDoctorOn({ database, rebuild: false, ...said })).toBe(2);
    expect(out.join()).toContain("x at 127.0.0.1:1 can't be used");
    expect(out.join()).not.toContain("secret");
  });
});

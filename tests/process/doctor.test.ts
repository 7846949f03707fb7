/** Goal: the doctor finds whatever differs from the journals; with --rebuild it repairs all that they imply, and nothing that they contradict. */

import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, mkdirSync } from "node:fs";
import { present } from "../../actors/assert.ts";
import { GivenProgram } from "../support/given-program.ts";
import { until } from "../support/until.ts";
import { checkOut, Member, seatStates } from "./member.ts";
import { importFlights, numbersTo } from "./timetable.ts";

/** Processes start on a machine that may have other things to do. */
const TEST_MS_MAX = 60_000;

setDefaultTimeout(TEST_MS_MAX);

const FLIGHTS = 13;
const given = new GivenProgram();
let flights: readonly string[];
let member: Member;
/** What the member was told of all reservations, before anything was harmed. */
let told: unknown;

beforeAll(async () => {
  flights = await importFlights(given, numbersTo(FLIGHTS));
  await given.start();
  member = await Member.signUp(given);
  await Promise.all(flights.map(sell));
  told = await member.reservations();
});

afterAll(() => given.remove());

/** In each flight one reservation is ticketed, one held, one released, one cancelled with its money given back, and one is being paid. */
async function sell(flightId: string): Promise<void> {
  const [ticketed, , released, cancelled, paying] = await Promise.all(
    ["1A", "1B", "1C", "1D", "1E"].map(async (seat) => (await member.hold(flightId, [seat])).body.id),
  );
  for (const id of [ticketed, cancelled]) {
    const { body } = await member.pay(present(id, "a reservation"));
    await checkOut(body.checkoutUrl, { outcome: "approve" });
  }
  await member.cancel(present(released, "a reservation"));
  await member.pay(present(paying, "a reservation"));
  await isNow(present(ticketed, "a reservation"), "TICKETED");
  await isNow(present(cancelled, "a reservation"), "TICKETED");
  await member.cancel(present(cancelled, "a reservation"));
  await until(async () => {
    const { body } = await member.reservation(present(cancelled, "a reservation"));
    return body.refund?.status === "REFUNDED";
  }, "the refund");
}

async function isNow(id: string, status: string): Promise<void> {
  await until(async () => (await member.reservation(id)).body.status === status, `${id} is ${status}`);
}

/** The stopped server's database in a folder of its own. */
function copied(): GivenProgram {
  const copy = new GivenProgram();
  mkdirSync(copy.dataDir);
  for (const name of ["pigonair.sqlite", "secrets.json", "signing-keys.json", "sandbox.sqlite"])
    copyFileSync(`${given.dataDir}/${name}`, `${copy.dataDir}/${name}`);
  return copy;
}

/** Does by hand what no server would do. Each statement must change something. */
function harm(program: GivenProgram, sql: string, ...values: readonly (string | number)[]): void {
  const database = new Database(program.database);
  const { changes } = database.query(sql).run(...values);
  database.close();
  expect([sql, changes > 0]).toEqual([sql, true]);
}

function flight(at: number): string {
  return present(flights[at], "a flight");
}

test("beside a running server the doctor looks, and does not rebuild", async () => {
  expect(await given.doctor()).toMatchObject({
    exitCode: 0,
    err: "",
    out: expect.stringContaining("Clean: 13 flights"),
  });
  const rebuild = await given.doctor("--rebuild");
  expect(rebuild).toMatchObject({ exitCode: 2, out: "" });
  expect(rebuild.err).toContain(`process ${given.server.pid} `);
  expect((await member.hold(flight(0), ["2A"])).status).toBe(201);
  told = await member.reservations();
  await given.server.stop();
  expect((await given.doctor()).exitCode).toBe(0);
});

test("every table that is derived is compared, and made anew", async () => {
  const program = copied();
  const kept = "(select id from reservation where flight_id = ? and status = 'HELD')";
  harm(program, "delete from seat_claim where flight_id = ? and seat = '1A'", flight(0));
  harm(program, "insert into seat_claim values (?, '9A', 'nobody')", flight(1));
  harm(program, "update reservation set status = 'TICKETED' where flight_id = ? and status = 'HELD'", flight(2));
  harm(program, `delete from reservation where id = ${kept}`, flight(3));
  harm(
    program,
    "insert into payment select 'stray', reservation_id, flight_id, status, amount, currency, captured_amount, captured_currency, refund_reason, checkout_url, expires_at_ms, next_look_ms, looks from payment where flight_id = ? limit 1",
    flight(4),
  );
  harm(program, "update payment set status = 'CAPTURED' where flight_id = ? and status = 'REFUNDED'", flight(5));
  harm(
    program,
    "update flight_head set cabins = replace(cabins, '\"free\":57', '\"free\":60') where flight_id = ?",
    flight(6),
  );
  harm(program, "update flight_head set next_deadline_ms = null where flight_id = ?", flight(7));
  harm(
    program,
    "delete from ticket where reservation_id in (select id from reservation where flight_id = ? and status = 'TICKETED')",
    flight(8),
  );
  harm(
    program,
    "update ticket set status = 'ISSUED' where reservation_id in (select id from reservation where flight_id = ? and status = 'CANCELLED')",
    flight(9),
  );
  harm(
    program,
    "update snapshot set state = replace(state, '\"HELD\"', '\"EXPIRED\"') where flight_id = ?",
    flight(10),
  );
  harm(program, "update payment set next_look_ms = null where flight_id = ? and status = 'PENDING'", flight(11));
  harm(program, "insert into ticket values ('nobody', 0, '9990000000001', 'ISSUED')");
  harm(program, "insert into seat_claim values ('XX-9-2000-01-01-RUN', '1A', 'nobody')");

  const found = await program.doctor();
  expect(found.exitCode).toBe(1);
  for (const finding of [
    `${flight(0)}: seat_claim 1A is missing`,
    `${flight(1)}: seat_claim 9A has no ground in the journal`,
    `${flight(2)}: reservation`,
    `${flight(3)}: reservation`,
    `${flight(4)}: payment has 4 rows, the journal implies 3`,
    `${flight(5)}: payment`,
    `${flight(6)}: the head says`,
    `${flight(7)}: a hold ends at`,
    `${flight(8)}: ticket`,
    `${flight(9)}: ticket`,
    `${flight(10)}: the snapshot`,
    `${flight(11)}: I8: attempt`,
    "ticket has 1 rows of no reservation",
    "seat_claim has 1 rows of flights that don't exist",
  ]) {
    expect(found.out.split("\n").filter((line) => line.startsWith(finding))).not.toEqual([]);
  }
  expect(found.out.split("\n").filter((line) => line.startsWith(flight(12)))).toEqual([]);

  const rebuilt = await program.doctor("--rebuild");
  expect([rebuilt.exitCode, rebuilt.out]).toEqual([0, expect.stringContaining("Clean: 13 flights")]);
  expect((await program.doctor()).exitCode).toBe(0);

  // The server goes on where it was: nobody learns that anything had happened.
  await program.start();
  const same = await Member.logIn(program, member.email);
  expect<unknown>(await same.reservations()).toEqual(told);
  expect((await same.hold(flight(3), ["1B"])).body.code).toBe("SEAT_TAKEN");
  expect((await same.hold(flight(1), ["9A"])).status).toBe(201);
  expect((await seatStates(program.url, flight(10))).get("1B")).toBe("held");
  expect(program.server.errors).toEqual([]);
  await program.remove();
});

test("a journal that contradicts itself is told, and nothing is rebuilt from it", async () => {
  const program = copied();
  harm(program, "delete from journal where flight_id = ? and version = 2", flight(0));
  harm(
    program,
    "delete from journal where flight_id = ?1 and version = (select max(version) from journal where flight_id = ?1)",
    flight(1),
  );
  harm(
    program,
    'update journal set turns = replace(turns, \'"type":"ticketed"\', \'"type":"released"\') where flight_id = ? and turns like \'%ticketed%\'',
    flight(2),
  );
  harm(program, "update journal set turns = substr(turns, 1, 40) where flight_id = ? and version = 3", flight(3));

  const before = await program.doctor();
  expect(before.exitCode).toBe(1);
  const reasons = [
    "I3: the journal goes from version 1 to 3",
    "I3: the journal ends at version",
    "can't have happened",
    "version 3 can't",
  ];
  for (const [at, reason] of reasons.entries()) {
    const lines = before.out.split("\n").filter((line) => line.startsWith(flight(at)));
    expect(lines.join("\n")).toContain(reason);
  }
  const rebuild = await program.doctor("--rebuild");
  expect(rebuild.exitCode).toBe(1);
  for (const at of reasons.keys()) expect(rebuild.out).toContain(`${flight(at)}: not rebuilt`);
  const after = await program.doctor();
  expect([after.exitCode, after.out]).toEqual([1, before.out]);
  await program.remove();
});

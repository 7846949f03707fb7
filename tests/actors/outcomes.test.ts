/** Goal: each row of the outcome table ends as the design says, with the real SQLite file below; nothing acknowledged is lost, nothing is done twice. */

import { afterEach, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import { OperationalError } from "../../actors/errors.ts";
import { silent } from "../../actors/telemetry.ts";
import { commitsUnheard, type Fault, FaultyJournal, fails } from "../support/faulty-journal.ts";
import { FLIGHT_ID, givenPlan, requestHold } from "../support/given.ts";
import { type GivenHost, type GivenHostOptions, givenHost } from "../support/given-host.ts";

const OTHER = "PG-202-20300131-ICN";
const started: GivenHost[] = [];

afterEach(async () => {
  for (const given of started.splice(0)) await given.stop();
});

async function host(options: GivenHostOptions = {}): Promise<GivenHost & { faulty: FaultyJournal }> {
  let faulty: FaultyJournal | null = null;
  const given = await givenHost({
    plans: [givenPlan(), givenPlan({ flightId: OTHER })],
    ...options,
    around: (journal) => {
      faulty = new FaultyJournal(journal);
      return faulty;
    },
  });
  started.push(given);
  return { ...given, faulty: present<FaultyJournal>(faulty, "the host has its journal") };
}

async function versions({ db }: GivenHost, flightId = FLIGHT_ID): Promise<number[]> {
  const rows = await db.read
    .selectFrom("journal")
    .select("version")
    .where("flight_id", "=", flightId)
    .orderBy("version")
    .execute();
  return rows.map(({ version }) => version);
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  const failure = await call.then(
    () => null,
    (error: unknown) => error,
  );
  return failure instanceof OperationalError ? failure.code : `no operational error: ${String(failure)}`;
}

test("a passing failure sends the same batch again, and the caller never learns of it", async () => {
  const given = await host();
  given.faulty.faults.push(fails("passing"), fails("passing"));
  const { reply } = await given.client.call(requestHold("1A"));
  expect(reply.ok).toBe(true);
  const [first, second, third] = given.faulty.tried;
  expect(second?.batch).toBe(present(first, "a first try").batch);
  expect(third?.batch).toBe(present(first, "a first try").batch);
  expect(given.faulty.tried.map(({ isRepeat }) => isRepeat)).toEqual([false, false, false]);
  expect(await versions(given)).toEqual([1]);
});

test("a commit whose answer was lost is found again, and counts once", async () => {
  const given = await host();
  given.faulty.faults.push(commitsUnheard);
  const { reply, isReplay } = await given.client.call(requestHold("1A"));
  expect(reply.ok).toBe(true);
  expect(isReplay).toBe(false);
  expect(given.faulty.tried.map(({ isRepeat }) => isRepeat)).toEqual([false, true]);
  expect(await versions(given)).toEqual([1]);
});

test("an unknown outcome that did not commit runs now", async () => {
  const given = await host();
  given.faulty.faults.push(fails("unknown"), fails("passing"));
  expect((await given.client.call(requestHold("1A"))).reply.ok).toBe(true);
  expect(given.faulty.tried.map(({ isRepeat }) => isRepeat)).toEqual([false, true, true]);
  expect(await versions(given)).toEqual([1]);
});

test("a commit that is found again after another owner's claim still sends its replies", async () => {
  const given = await host();
  const claimedMeanwhile: Fault = async (batch, isRepeat, commit) => {
    await commitsUnheard(batch, isRepeat, commit);
    await given.db.write.updateTable("shards").set({ owner: "somebody else" }).execute();
    return { kind: "unknown", cause: "the answer was lost" };
  };
  given.faulty.faults.push(claimedMeanwhile);
  expect((await given.client.call(requestHold("1A"))).reply.ok).toBe(true);
});

test("a flight of which the database has less than was acknowledged is closed, loudly, and sells nothing twice; the others go on", async () => {
  const errors: string[] = [];
  const log = {
    ...silent.log,
    error: (fields: object, what: string) => errors.push(`${what} ${JSON.stringify(fields)}`),
  };
  const given = await host({ telemetry: { ...silent, log: log as typeof silent.log } });
  const { write } = given.db;
  expect((await given.client.call(requestHold("1A"))).reply.ok).toBe(true);
  // As after a fail-over to a copy that had not heard of it.
  for (const table of ["journal", "seat_claim", "reservation"] as const) await write.deleteFrom(table).execute();
  await write.updateTable("flight_head").set({ version: 0 }).where("flight_id", "=", FLIGHT_ID).execute();

  const [closed, other] = await Promise.allSettled([
    given.client.call(requestHold("2A", { key: "k2" })),
    given.client.call({ ...requestHold("1A", { key: "k3" }), flightId: OTHER }),
  ]);
  expect(closed).toMatchObject({ status: "rejected", reason: { code: "INTERNAL" } });
  expect(other).toMatchObject({ status: "fulfilled", value: { reply: { ok: true } } });
  expect(await codeOf(given.client.call({ ...requestHold("1A", { key: "k4" }), member: "m4" }))).toBe("INTERNAL");
  expect(await versions(given)).toEqual([]);
  expect(errors).toEqual([expect.stringMatching(/^acknowledged commits are gone .*PG-/)]);
});

test("a fenced owner acknowledges nothing, neither changes nor refusals nor reads", async () => {
  const given = await host();
  await given.client.call(requestHold("1A"));
  await given.db.write.updateTable("shards").set({ owner: "somebody else" }).execute();
  const deadlineMs = Date.now() + 500;
  const calls = [
    given.client.call({ ...requestHold("2A", { key: "k2" }), deadlineMs }),
    given.client.call({ ...requestHold("1A", { key: "k3" }), deadlineMs }),
    given.client.call({ ...requestHold("1A"), deadlineMs }),
    given.client.call({
      flightId: FLIGHT_ID,
      op: "seat-map",
      args: {},
      member: null,
      key: null,
      fingerprint: "",
      deadlineMs,
    }),
  ];
  // On a busy machine an attempt may find its time over, or too short to begin, before it is told that nobody serves the flight.
  const notResults = ["UNAVAILABLE", "DEADLINE_EXCEEDED", "OVERLOADED"];
  for (const code of await Promise.all(calls.map(codeOf))) expect(code).toBeOneOf(notResults);
  expect(await versions(given)).toEqual([1]);
});

test("a flight whose head moved is loaded anew, and the other flights of the batch commit under a new batch id", async () => {
  const given = await host();
  await Promise.all([given.client.call(requestHold("1A")), given.client.call(requestHold("1A", { flightId: OTHER }))]);
  const entry = { batch: "elsewhere", at_ms: 0, schema_version: 1, turns: "[]", kinds: 0 };
  const moved = { flight_id: FLIGHT_ID, version: 2, ...entry };
  await given.db.write.insertInto("journal").values(moved).execute();
  await given.db.write.updateTable("flight_head").set({ version: 2 }).where("flight_id", "=", FLIGHT_ID).execute();

  const tried = given.faulty.tried.length;
  const answers = await Promise.all([
    given.client.call(requestHold("2A", { key: "k2" })),
    given.client.call(requestHold("2A", { key: "k2", flightId: OTHER })),
  ]);
  expect(answers.map(({ reply }) => reply.ok)).toEqual([true, true]);
  expect(await versions(given)).toEqual([1, 2, 3]);
  expect(await versions(given, OTHER)).toEqual([1, 2]);
  const [together, alone] = given.faulty.tried.slice(tried).map(({ batch }) => batch);
  expect(together?.flights.length).toBe(2);
  expect(alone?.flights.map(({ flightId }) => flightId)).toEqual([OTHER]);
  expect(alone?.id).not.toBe(together?.id);
});

test("a flight whose projection contradicts its journal is closed, and hurts no other flight of its batch", async () => {
  const given = await host();
  await Promise.all([given.client.call(requestHold("1A")), given.client.call(requestHold("1A", { flightId: OTHER }))]);
  await given.db.write
    .insertInto("seat_claim")
    .values({ flight_id: FLIGHT_ID, seat: "2A", reservation_id: "nobody's" })
    .execute();
  const [closed, sold] = await Promise.all([
    codeOf(given.client.call(requestHold("2A", { key: "k2" }))),
    given.client.call(requestHold("2A", { key: "k2", flightId: OTHER })),
  ]);
  expect(closed).toBe("INTERNAL");
  expect(sold.reply.ok).toBe(true);
  expect(await versions(given)).toEqual([1]);
  expect(await codeOf(given.client.call(requestHold("3A", { key: "k3" })))).toBe("INTERNAL");
});

test("a command that throws is answered INTERNAL, and all others of its flight are decided on what is committed", async () => {
  const given = await host();
  const poison = { ...requestHold("2A", { key: "poison" }), args: { passengers: null as never } };
  const [first, thrown, last] = await Promise.all([
    given.client.call(requestHold("1A")),
    codeOf(given.client.call(poison)),
    given.client.call(requestHold("3A", { key: "k3" })),
  ]);
  expect(first.reply.ok).toBe(true);
  expect(thrown).toBe("INTERNAL");
  expect(last.reply.ok).toBe(true);
  const claims = await given.db.read.selectFrom("seat_claim").select("seat").execute();
  expect(claims.map(({ seat }) => seat).sort()).toEqual(["1A", "3A"]);
});

test("a lone command throwing while its flight's batch is on the way leaves that batch alone", async () => {
  const given = await host();
  const { promise: isCommitting, resolve: committing } = Promise.withResolvers<void>();
  const { promise: mayCommit, resolve: goOn } = Promise.withResolvers<void>();
  given.faulty.faults.push(async (_batch, _isRepeat, commit) => {
    committing();
    await mayCommit;
    return commit();
  });
  const first = given.client.call(requestHold("1A"));
  await isCommitting;
  const thrown = codeOf(
    given.client.call({ ...requestHold("2A", { key: "poison" }), args: { passengers: null as never } }),
  );
  expect(await thrown).toBe("INTERNAL");
  const after = given.client.call(requestHold("3A", { key: "k3" }));
  goOn();
  expect((await first).reply.ok).toBe(true);
  expect((await after).reply.ok).toBe(true);
  expect(await versions(given)).toEqual([1, 2]);
});

test("nothing is answered before its commit: neither a change, nor a refusal or a replay that depends on it", async () => {
  const given = await host();
  const { promise: mayCommit, resolve: goOn } = Promise.withResolvers<void>();
  given.faulty.faults.push(async (_batch, _isRepeat, commit) => {
    await mayCommit;
    return commit();
  });
  let answered = 0;
  const calls = [
    requestHold("1A", { key: "k1" }),
    requestHold("1A", { key: "k2", member: "m2" }),
    requestHold("1A", { key: "k1" }),
  ].map((request) => given.client.call(request).finally(() => (answered += 1)));
  for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate);
  expect(answered).toBe(0);
  goOn();
  const [first, refused, repeated] = await Promise.all(calls);
  expect(first?.reply.ok).toBe(true);
  expect(refused?.reply).toMatchObject({ ok: false, rejection: { code: "SEAT_TAKEN" } });
  expect(repeated).toEqual({ reply: present(first, "an answer").reply, isReplay: true });
});

test("speculation is one batch deep: while one is on its way the next one only gathers", async () => {
  const given = await host();
  let onTheWay = 0;
  let most = 0;
  const counted: Fault = async (_batch, _isRepeat, commit) => {
    onTheWay += 1;
    most = Math.max(most, onTheWay);
    const outcome = await commit();
    onTheWay -= 1;
    return outcome;
  };
  given.faulty.faults.push(...Array<Fault>(200).fill(counted));
  const seats = Array.from({ length: 60 }, (_, at) => `${Math.floor(at / 6) + 1}${"ABCDEF".charAt(at % 6)}`);
  await Promise.all(seats.map((seat, at) => given.client.call(requestHold(seat, { key: `k${at}`, member: `m${at}` }))));
  expect(most).toBe(1);
  expect(given.faulty.tried.length).toBeLessThan(60);
});

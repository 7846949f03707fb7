/** Goal: when tens of thousands of holds are over at once, they are so for everybody at once, and nobody waits until all of it is written. */

import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeatPlan } from "../../actors/domain/plan.ts";
import type { Batch, Journal } from "../../actors/journal.ts";
import { examine } from "../../db/doctor/examine.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FLIGHT_ID, givenCommand, givenPlan, NOW_MS, requestHold } from "../support/given.ts";
import { type GivenHost, type GivenHostOptions, givenHost } from "../support/given-host.ts";
import { until } from "../support/until.ts";

const OTHER = "PG-202-20300131-ICN";
const HOLD_MS = 15 * 60_000;
const TIME_MS_MAX = 120_000;

/** Requests that are on their way at once. */
const AT_ONCE = 1_000;

const started: GivenHost[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const given of started.splice(0)) await given.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function host(options: GivenHostOptions): Promise<GivenHost> {
  const given = await givenHost(options);
  started.push(given);
  return given;
}

/** Rows that each batch takes away from the claims, or says of a reservation, in the order of their commits. */
function watched(batches: { flights: readonly string[]; rows: number }[]): (journal: Journal) => Journal {
  const rowsOf = ({ flights }: Batch): number =>
    flights.reduce((sum, { change }) => {
      const projection = change?.projection;
      return sum + (projection?.claims.remove.length ?? 0) + (projection?.reservations.update.length ?? 0);
    }, 0);
  return (journal) => ({
    load: (...args) => journal.load(...args),
    saveSnapshot: (...args) => journal.saveSnapshot(...args),
    deadlines: (...args) => journal.deadlines(...args),
    commit(batch, isRepeat) {
      batches.push({ flights: batch.flights.map(({ flightId }) => flightId), rows: rowsOf(batch) });
      return journal.commit(batch, isRepeat);
    },
  });
}

async function freeSeats(given: GivenHost): Promise<number> {
  const { reply } = await given.client.call({
    ...givenCommand("seat-map", {}, { member: null }),
    deadlineMs: NOW_MS * 2,
  });
  if (!reply.ok || reply.result.kind !== "seat-map") throw new Error("a seat map was asked for");
  return reply.result.seatMap.seats.filter(({ state }) => state === "free").length;
}

async function claimsOf(given: GivenHost): Promise<number> {
  const claims = given.db.read.selectFrom("seat_claim").select(({ fn }) => fn.countAll<number>().as("count"));
  return Number((await claims.where("flight_id", "=", FLIGHT_ID).executeTakeFirstOrThrow()).count);
}

async function holdAll(given: GivenHost, seats: readonly string[]): Promise<void> {
  for (let from = 0; from < seats.length; from += AT_ONCE) {
    const calls = seats
      .slice(from, from + AT_ONCE)
      .map((seat) => given.client.call(requestHold(seat, { key: "hold", member: `m-${seat}` })));
    for (const { reply } of await Promise.all(calls)) expect(reply.ok).toBe(true);
  }
}

test(
  "others are answered meanwhile, in one of the next batches",
  async () => {
    const columns = "ABCDEFGHJKLMNPQRSTUV";
    const seatPlan = new SeatPlan(
      Array.from({ length: 999 }, (_, at) => at + 1).flatMap((row) =>
        [...columns].map((column) => ({ seat: `${row}${column}`, cabin: "Y", row, column, features: [] })),
      ),
    );
    const clock = new FakeClock();
    const batches: { flights: readonly string[]; rows: number }[] = [];
    const given = await host({
      clock,
      plans: [givenPlan({ seatPlan }), givenPlan({ flightId: OTHER })],
      around: watched(batches),
    });
    await given.client.call(requestHold("1A", { flightId: OTHER }));
    const held = seatPlan.seats.map(({ seat }) => seat);
    await holdAll(given, held);
    batches.length = 0;

    clock.advance(HOLD_MS);
    // Over for everybody, at the first look.
    expect(await freeSeats(given)).toBe(held.length);
    expect(await claimsOf(given)).toBeGreaterThan(held.length / 2);
    const again = await given.client.call(requestHold("999V", { key: "again", member: "late" }));
    expect(again.reply.ok).toBe(true);

    let asked = 0;
    while ((await claimsOf(given)) > 1) {
      clock.advance(1);
      const before = batches.length;
      const answer = await given.client.call(
        requestHold("1B", { flightId: OTHER, key: `k${++asked}`, member: `o${asked}` }),
      );
      expect(answer.reply.ok).toBe(asked === 1);
      expect(batches.length - before).toBeLessThanOrEqual(3);
    }
    expect(asked).toBeGreaterThan(10);
    expect(Math.max(...batches.map(({ rows }) => rows))).toBeLessThanOrEqual(1_000 + 2);
    expect(await freeSeats(given)).toBe(held.length - 1);
    expect((await examine(given.db.read)).findings).toEqual([]);
  },
  TIME_MS_MAX,
);

test("a host that is left in the midst of it has told nothing that the next one does not know", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pigonair-ends-"));
  folders.push(folder);
  const file = join(folder, "pigonair.sqlite");
  const clock = new FakeClock();
  const limits = { batchEndedRowsMax: 4 };
  const first = await givenHost({ file, clock, limits, plans: [givenPlan()] });
  const seats = givenPlan().seatPlan.seats.map(({ seat }) => seat);
  await holdAll(first, seats);
  clock.advance(HOLD_MS);
  expect(await freeSeats(first)).toBe(seats.length);
  expect((await first.client.call(requestHold("5C", { key: "again", member: "late" }))).reply.ok).toBe(true);
  await first.abandon();

  // Its clock is behind: what was over stays so.
  const behind = new FakeClock(NOW_MS + HOLD_MS - 1_000);
  const second = await host({ file, clock: behind, limits, plans: [] });
  const left = await claimsOf(second);
  expect(left).toBeGreaterThan(seats.length / 2);
  expect(await freeSeats(second)).toBe(seats.length - 1);
  expect((await examine(second.db.read)).findings).toEqual([]);
  await until(async () => {
    behind.advance(50);
    return (await claimsOf(second)) === 1;
  }, "all ends are told");
  const statuses = await second.db.read.selectFrom("reservation").select("status").execute();
  expect(statuses.filter(({ status }) => status === "EXPIRED")).toHaveLength(seats.length);
  expect((await examine(second.db.read)).findings).toEqual([]);
});

/**
 * Owns the measure of the journal alone: batches of holds over 64 flights, one after another as a lane sends them, on SQLite and on MySQL.
 * `bun bench/commits.ts`; `HOLDS=1,16,64,256,512` names the sizes of the batches.
 */

import { assert, present } from "../actors/assert.ts";
import { JOURNAL_SCHEMA } from "../actors/domain/event.ts";
import { shardOf } from "../actors/domain/ids.ts";
import type { FlightWrite, Journal } from "../actors/journal.ts";
import type { Ownership } from "../actors/shards.ts";
import { journalOn } from "../db/stores/journal.ts";
import { givenPlan } from "../tests/support/given.ts";
import { givenBatch } from "../tests/support/given-batches.ts";
import { type FreshDatabase, givenMysql, givenSqlite, ownAllShards } from "../tests/support/given-database.ts";
import { publishPlan } from "../tests/support/given-host.ts";
import { CURRENCY, FARE, HOLD_MS, heldTurn, PNR } from "./held-turn.ts";

const HOLDS = (process.env.HOLDS ?? "1,16,64,256,512").split(",").map(Number);
const FLIGHTS = 64;
const RUN_MS = Number(process.env.RUN_MS ?? 2_500);
const WARM_BATCHES = 30;
const OWNER = "bench";

/** Memory for pages: enough for all that is written here, or holds would wait for the disk. */
const BUFFER_BYTES = 2 * 1024 ** 3;

/** One flight whose holds are made up: nothing is decided here, so that only the journal is measured. */
class MadeUpFlight {
  readonly flightId: string;
  #version = 0;
  #seats = 0;
  /** When its first hold ends: under load this stays, and with it the index of deadlines. */
  #nextDeadlineMs: number | null = null;

  constructor(number: number) {
    this.flightId = `BN-${String(number).padStart(4, "0")}-20300131-ICN`;
  }

  write(holds: number, nowMs: number): FlightWrite {
    const made = Array.from({ length: holds }, () => this.#hold(nowMs));
    const base = this.#version;
    this.#version += 1;
    const cabins = [{ cabin: "Y", capacity: 100_000, free: 100_000 - this.#seats, lowestFare: FARE }];
    const projection = {
      reservations: { insert: made.map(({ row }) => row), update: [] },
      claims: { remove: [], add: made.map(({ row, seat }) => ({ seat, reservationId: row.id })) },
      passengers: made.map(({ row }) => ({ reservationId: row.id, ordinal: 0, name: "Kim Minji", birthDate: null })),
      payments: { insert: [], update: [] },
      tickets: { insert: [], update: [] },
    };
    this.#nextDeadlineMs ??= nowMs + HOLD_MS;
    const entry = { schema: JOURNAL_SCHEMA, turns: made.map(({ turn }) => turn) };
    const change = { entry, projection, logicalMs: nowMs, nextDeadlineMs: this.#nextDeadlineMs, cabins };
    return { flightId: this.flightId, shard: shardOf(this.flightId), base, change };
  }

  #hold(nowMs: number) {
    const id = Bun.randomUUIDv7();
    const member = crypto.randomUUID();
    const seat = (++this.#seats).toString(36);
    const { flightId } = this;
    const row = {
      id,
      flightId,
      memberId: member,
      pnr: PNR,
      status: "HELD" as const,
      passengers: [{ type: "ADT" as const, seat }],
      totalAmount: FARE,
      currency: CURRENCY,
      createdAtMs: nowMs,
      expiresAtMs: nowMs + HOLD_MS,
    };
    return { row, seat, turn: heldTurn({ id, flightId, member, seat, atMs: nowMs }) };
  }
}

async function measure(journal: Journal, ownership: Ownership, flights: readonly MadeUpFlight[], holds: number) {
  let next = 0;
  const batch = () => {
    const count = Math.min(holds, flights.length);
    const nowMs = Date.now();
    const writes = Array.from({ length: count }, (_, at) =>
      present(flights[next++ % flights.length], "a flight").write(Math.floor((holds + at) / count), nowMs),
    );
    return givenBatch(OWNER, ownership, writes);
  };
  const commit = async (): Promise<number> => {
    const made = batch();
    const sentMs = performance.now();
    const outcome = await journal.commit(made, false);
    assert(outcome.kind === "committed", () => `committed, not ${JSON.stringify(outcome)}`);
    return performance.now() - sentMs;
  };
  for (let warm = 0; warm < WARM_BATCHES; warm++) await commit();
  const took: number[] = [];
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  while (performance.now() - beganMs < RUN_MS) took.push(await commit());
  const seconds = (performance.now() - beganMs) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  took.sort((a, b) => a - b);
  return {
    commitsPerS: Math.round(took.length / seconds),
    holdsPerS: Math.round((took.length * holds) / seconds),
    p50Ms: Number((took[took.length >> 1] ?? 0).toFixed(2)),
    p99Ms: Number((took[Math.floor(took.length * 0.99)] ?? 0).toFixed(2)),
    cpuUsPerHold: Number(((user + system) / (took.length * holds)).toFixed(1)),
  };
}

async function run(name: string, fresh: FreshDatabase): Promise<void> {
  const given = await fresh();
  const ownership = await ownAllShards(given.db, OWNER);
  const flights = Array.from({ length: FLIGHTS }, (_, number) => new MadeUpFlight(number));
  for (const { flightId } of flights) await publishPlan(given.db, givenPlan({ flightId }));
  const journal = journalOn(given.db);
  for (const holds of HOLDS) {
    console.log(name, `${holds} holds a batch`, JSON.stringify(await measure(journal, ownership, flights, holds)));
  }
  await given.remove();
}

await run("SQLite", givenSqlite);
await run("MySQL", async () => {
  const given = await givenMysql();
  await given.server.run(`set global innodb_buffer_pool_size = ${BUFFER_BYTES}`);
  return given;
});
process.exit(0);

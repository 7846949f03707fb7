/** Owns the measure of the core: commands a second through actor, lane and SQLite, beside bare inserts of the same rows. */

import type { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { present } from "../actors/assert.ts";
import type { FlightPlan } from "../actors/domain/plan.ts";
import { openWriter } from "../db/sqlite/connection.ts";
import { writeTurns } from "../db/turns-text.ts";
import { type GivenHost, givenHost } from "../tests/support/given-host.ts";
import { CURRENCY, FARE, HOLD_MS, heldTurn, PNR } from "./held-turn.ts";
import { benchPlan, LARGE_PLAN } from "./large-flight.ts";
import { scratchFolder } from "./rig/scratch.ts";

const IN_FLIGHT = (process.env.IN_FLIGHT ?? "1,16,64,256").split(",").map(Number);
const FLIGHTS = Number(process.env.FLIGHTS ?? 8);
const MEMBERS = 20_000;
const WARM_MS = Number(process.env.WARM_MS ?? 3_000);
const RUN_MS = Number(process.env.RUN_MS ?? 4_000);

const plans: readonly FlightPlan[] = Array.from({ length: FLIGHTS }, (_, number) => benchPlan(number));

interface Measured {
  readonly ratePerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Keeps `inFlight` pieces of work going, and counts those that began and ended in the measured time; each piece counts `weight`. */
async function drive(inFlight: number, weight: number, one: (sequence: number) => Promise<void>): Promise<Measured> {
  let sequence = 0;
  let isOver = false;
  let startedMs = Number.POSITIVE_INFINITY;
  const latencies: number[] = [];
  const loop = async (): Promise<void> => {
    while (!isOver) {
      const beganMs = performance.now();
      await one(sequence++);
      if (beganMs >= startedMs) latencies.push(performance.now() - beganMs);
    }
  };
  const loops = Array.from({ length: inFlight }, loop);
  await Bun.sleep(WARM_MS);
  startedMs = performance.now();
  await Bun.sleep(RUN_MS);
  isOver = true;
  const tookMs = performance.now() - startedMs;
  await Promise.all(loops);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(share * (latencies.length - 1))] ?? 0;
  return { ratePerSecond: ((latencies.length * weight) / tookMs) * 1_000, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function memberOf(sequence: number): string {
  return `0197f0c2-aaaa-7aaa-bbbb-${String((sequence * 7_919) % MEMBERS).padStart(12, "0")}`;
}

/** Request n goes to flight n modulo their number, and there to the next seat. */
async function hold(given: GivenHost, sequence: number, seat: string, isExpected: boolean): Promise<void> {
  const { reply } = await given.client.call({
    flightId: present(plans[sequence % FLIGHTS], "a flight").flightId,
    op: "hold",
    args: { passengers: [{ name: "Load Test", type: "ADT", seat }] },
    member: memberOf(sequence),
    key: `key-${sequence}`,
    fingerprint: "0123456789abcdefghijkl",
  });
  if (reply.ok !== isExpected) throw new Error(`unexpected: ${JSON.stringify(reply)}`);
}

async function core(inFlight: number, isRefused: boolean): Promise<Measured> {
  const given = await givenHost({
    plans,
    rules: { seatsPerMember: 100_000, keysPerMember: 1_000_000, keysPerFlight: 10_000_000 },
  });
  try {
    const taken = LARGE_PLAN.at(0).seat;
    if (isRefused) for (let flight = 0; flight < FLIGHTS; flight++) await hold(given, flight, taken, true);
    return await drive(inFlight, 1, (sequence) => {
      const seat = isRefused ? taken : LARGE_PLAN.at(Math.floor(sequence / FLIGHTS)).seat;
      return hold(given, FLIGHTS + sequence, seat, !isRefused);
    });
  } finally {
    await given.stop();
  }
}

/** The same rows, multi-row, in one transaction for each `holds` of them: what SQLite gives when nobody decides anything. */
async function bareInserts(holds: number): Promise<Measured> {
  const folder = mkdtempSync(join(scratchFolder(), "pigonair-bench-"));
  const file = join(folder, "bare.sqlite");
  const given = await givenHost({ plans, file });
  await given.abandon();
  const database = openWriter(file);
  const insert = inserter(database, holds);
  let batch = 0;
  try {
    return await drive(1, holds, async () => {
      insert(batch++);
      if (batch % 8 === 0) await new Promise(setImmediate);
    });
  } finally {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One transaction: the rows of `holds` holds, spread over the flights as the core's batches are. */
function inserter(database: Database, holds: number): (batch: number) => void {
  const values = (columns: number): string =>
    Array(holds)
      .fill(`(${Array(columns).fill("?").join(",")})`)
      .join(",");
  const reservations = database.prepare(`insert into reservation values ${values(10)}`);
  const claims = database.prepare(`insert into seat_claim values ${values(3)}`);
  const passengers = database.prepare(`insert into passenger values ${values(4)}`);
  const journal = database.prepare("insert into journal values (?, ?, ?, ?, ?, ?, 1)");
  const head = database.prepare(
    "update flight_head set version = ?, last_batch = ?, logical_ms = ?, cabins = ? where flight_id = ?",
  );
  const touched = plans.slice(0, Math.min(FLIGHTS, holds));
  const atMs = 1_790_000_000_000;
  const made = { id: Bun.randomUUIDv7(), flightId: benchPlan(0).flightId, member: memberOf(1), seat: "100A", atMs };
  const turns = writeTurns(Array(Math.ceil(holds / touched.length)).fill(heldTurn(made)));
  return (batch) => {
    const first = batch * holds;
    const rows = Array.from({ length: holds }, (_, at) => ({
      id: Bun.randomUUIDv7(),
      flightId: present(plans[(first + at) % FLIGHTS], "a flight").flightId,
      seat: `s${Math.floor((first + at) / FLIGHTS)}`,
      member: memberOf(first + at),
    }));
    database.run("begin immediate");
    claims.run(...rows.flatMap(({ flightId, seat, id }) => [flightId, seat, id]));
    reservations.run(
      ...rows.flatMap(({ id, flightId, member }) => [
        id,
        flightId,
        member,
        PNR,
        "HELD",
        '[{"type":"ADT","seat":"100A"}]',
        FARE,
        CURRENCY,
        atMs,
        atMs + HOLD_MS,
      ]),
    );
    passengers.run(...rows.flatMap(({ id }) => [id, 0, "Load Test", null]));
    for (const { flightId } of touched) {
      journal.run(flightId, batch + 1, present(rows[0], "a row").id, atMs, 1, turns);
      head.run(
        batch + 1,
        present(rows[0], "a row").id,
        atMs,
        '[{"cabin":"Y","capacity":25974,"free":100,"lowestFare":90000}]',
        flightId,
      );
    }
    database.run("commit");
  };
}

function line(name: string, inFlight: number, { ratePerSecond, p50Ms, p99Ms }: Measured, beside: string): void {
  const rate = Math.round(ratePerSecond).toLocaleString("en");
  console.log(
    `${name.padEnd(14)} ${String(inFlight).padStart(4)} in flight ${rate.padStart(8)}/s  p50 ${p50Ms.toFixed(2).padStart(6)} ms  p99 ${p99Ms.toFixed(2).padStart(6)} ms  ${beside}`,
  );
}

console.log(`${FLIGHTS} flights of ${LARGE_PLAN.capacity.toLocaleString("en")} seats, SQLite with synchronous=FULL`);
for (const inFlight of IN_FLIGHT) {
  const bare = await bareInserts(inFlight);
  line("bare inserts", inFlight, bare, "");
  const holds = await core(inFlight, false);
  line("holds", inFlight, holds, `${(holds.ratePerSecond / bare.ratePerSecond).toFixed(2)} of the bare inserts`);
  const refusals = await core(inFlight, true);
  line("refusals", inFlight, refusals, `${(refusals.ratePerSecond / holds.ratePerSecond).toFixed(2)} times the holds`);
}
process.exit(0);

/** Owns the measure of the core: commands a second through actor, lane and SQLite, beside bare inserts of the same rows. */

import type { Database } from "bun:sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HoldArgs } from "../actors/domain/command.ts";
import { type FlightPlan, type PlannedSeat, SeatPlan } from "../actors/domain/plan.ts";
import { openWriter } from "../db/sqlite/connection.ts";
import { type GivenHost, givenHost } from "../tests/support/given-host.ts";

const IN_FLIGHT = [1, 16, 64, 256];
const FLIGHTS = 64;
const MEMBERS = 20_000;
const RUN_MS = 4_000;
const WARM_MS = 1_000;

const seatPlan = new SeatPlan(
  Array.from({ length: 10_000 }, (_, index): PlannedSeat => {
    const row = Math.floor(index / 10) + 1;
    const column = "ABCDEFGHJK".charAt(index % 10);
    return { seat: `${row}${column}`, cabin: "Y", row, column, features: [] };
  }),
);

function plan(number: number): FlightPlan {
  const flightId = `BN-${number}-2030-01-31-ICN`;
  return { flightId, departsAtMs: Date.UTC(2030, 0, 31), currency: "KRW", fareByCabin: { Y: 90_000 }, seatPlan };
}

interface Measured {
  readonly ratePerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Keeps `inFlight` commands going, and counts those that were answered in the measured time. */
async function drive(inFlight: number, one: (sequence: number) => Promise<void>): Promise<Measured> {
  let sequence = 0;
  let isOver = false;
  const latencies: number[] = [];
  let startedMs = Number.POSITIVE_INFINITY;
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
  return { ratePerSecond: (latencies.length / tookMs) * 1_000, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function member(sequence: number): string {
  return `0197f0c2-aaaa-7aaa-bbbb-${String((sequence * 7_919) % MEMBERS).padStart(12, "0")}`;
}

async function hold(
  given: GivenHost,
  flights: number,
  sequence: number,
  args: HoldArgs,
  isExpected: boolean,
): Promise<void> {
  const { reply } = await given.client.call({
    flightId: plan(sequence % flights).flightId,
    op: "hold",
    args,
    member: member(sequence),
    key: `key-${sequence}`,
    fingerprint: "0123456789abcdefghijkl",
  });
  if (reply.ok !== isExpected) throw new Error(`unexpected: ${JSON.stringify(reply)}`);
}

async function core(inFlight: number, flights: number, isRefused: boolean): Promise<Measured> {
  const given = await givenHost({
    plans: Array.from({ length: flights }, (_, number) => plan(number)),
    rules: { seatsPerMember: 100_000, keysPerMember: 1_000_000, keysPerFlight: 10_000_000 },
  });
  try {
    if (isRefused) {
      for (let flight = 0; flight < flights; flight++) {
        await hold(given, flights, flight, { passengers: [{ name: "First", type: "ADT", seat: "500E" }] }, true);
      }
    }
    const args: HoldArgs = isRefused
      ? { passengers: [{ name: "Late", type: "ADT", seat: "500E" }] }
      : { passengers: [{ name: "Load Test", type: "ADT" }] };
    return await drive(inFlight, (sequence) => hold(given, flights, flights + sequence, args, !isRefused));
  } finally {
    await given.stop();
  }
}

/** The same rows, multi-row, in one transaction for each `rows` holds: what SQLite gives when nobody decides anything. */
async function bareInserts(rows: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "pigonair-bench-"));
  const given = await givenHost({ plans: [plan(0)], file: join(folder, "bare.sqlite") });
  await given.abandon();
  const database = openWriter(join(folder, "bare.sqlite"));
  const inserts = inserter(database, rows);
  let batch = 0;
  try {
    const measured = await drive(1, async () => {
      for (let more = 0; more < 8; more++) inserts(batch++);
      await new Promise(setImmediate);
    });
    return { ...measured, ratePerSecond: measured.ratePerSecond * 8 * rows };
  } finally {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function inserter(database: Database, rows: number): (batch: number) => void {
  const values = (columns: number): string =>
    Array(rows)
      .fill(`(${Array(columns).fill("?").join(",")})`)
      .join(",");
  const reservations = database.prepare(`insert into reservation values ${values(10)}`);
  const claims = database.prepare(`insert into seat_claim values ${values(3)}`);
  const passengers = database.prepare(`insert into passenger values ${values(4)}`);
  const journal = database.prepare("insert into journal values (?, ?, ?, ?, ?, ?)");
  const head = database.prepare(
    "update flight_head set version = ?, last_batch = ?, logical_ms = ?, cabins = ? where flight_id = ?",
  );
  const turn = JSON.stringify({
    atMs: 1_790_000_000_000,
    events: [
      {
        type: "held",
        id: Bun.randomUUIDv7(),
        pnr: "ABCDEF",
        member: member(1),
        passengers: [{ type: "ADT", seat: "100A" }],
        total: 90_000,
        expiresAtMs: 1_790_000_900_000,
      },
    ],
    key: {
      name: `${member(1)}/hold/key-1`,
      fingerprint: "0123456789abcdefghijkl",
      keptUntilMs: 1_790_000_900_000,
      reply: {
        ok: true,
        result: {
          kind: "reservation",
          reservation: {
            id: Bun.randomUUIDv7(),
            pnr: "ABCDEF",
            flightId: plan(0).flightId,
            member: member(1),
            status: "HELD",
            passengers: [{ type: "ADT", seat: "100A" }],
            total: { amount: 90_000, currency: "KRW" },
            expiresAtMs: 1_790_000_900_000,
          },
        },
      },
    },
  });
  const turns = `[${Array(rows).fill(turn).join(",")}]`;
  const { flightId } = plan(0);
  return (batch) => {
    const ids = Array.from({ length: rows }, () => Bun.randomUUIDv7());
    database.run("begin immediate");
    claims.run(...ids.flatMap((id, at) => [flightId, `${batch * rows + at}`, id]));
    reservations.run(
      ...ids.flatMap((id, at) => [
        id,
        flightId,
        member(batch * rows + at),
        "ABCDEF",
        "HELD",
        '[{"type":"ADT","seat":"100A"}]',
        90_000,
        "KRW",
        1_790_000_000_000,
        1_790_000_900_000,
      ]),
    );
    passengers.run(...ids.flatMap((id) => [id, 0, "Load Test", null]));
    journal.run(flightId, batch + 1, ids[0] ?? "", 1_790_000_000_000, 1, turns);
    head.run(
      batch + 1,
      ids[0] ?? "",
      1_790_000_000_000,
      '[{"cabin":"Y","capacity":10000,"free":100,"lowestFare":90000}]',
      flightId,
    );
    database.run("commit");
  };
}

function line(name: string, inFlight: number, { ratePerSecond, p50Ms, p99Ms }: Measured, beside?: Measured): void {
  const share = beside === undefined ? "" : `${(ratePerSecond / beside.ratePerSecond).toFixed(2)} of bare`;
  console.log(
    `${name.padEnd(22)} ${String(inFlight).padStart(4)} ${Math.round(ratePerSecond).toLocaleString("en").padStart(9)}/s  p50 ${p50Ms.toFixed(2).padStart(7)} ms  p99 ${p99Ms.toFixed(2).padStart(7)} ms  ${share}`,
  );
}

for (const inFlight of IN_FLIGHT) {
  const bare = await bareInserts(inFlight);
  line("bare inserts", inFlight, bare);
  line("holds, 64 flights", inFlight, await core(inFlight, FLIGHTS, false), bare);
  const one = await core(inFlight, 1, false);
  line("holds, one flight", inFlight, one, bare);
  const refusals = await core(inFlight, 1, true);
  line("refusals, one flight", inFlight, refusals);
  console.log(
    `${" ".repeat(22)}      refusals are ${(refusals.ratePerSecond / one.ratePerSecond).toFixed(2)} times the holds`,
  );
}
process.exit(0);

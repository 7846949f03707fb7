/** Owns the flash sale: far more people than seats come within a second; the line is kept, and each seat is sold exactly once. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FlightPlan } from "../../actors/domain/plan.ts";
import { SeatPlan } from "../../actors/domain/plan.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import type { Bench } from "../bench.ts";
import type { Target } from "../compare/ratios.ts";
import { benchPlan, LARGE_PLAN } from "../large-flight.ts";
import { inProcess } from "../load/run.ts";
import { ms, whole } from "../progress.ts";
import type { Contestant } from "../rig/contestant.ts";
import { query } from "../rig/databases.ts";
import { adminToken } from "../rig/members.ts";
import type { SaleOrders, SaleResult } from "./flash-sale-worker.ts";
import { silentWords } from "./order.ts";

export interface FlashSale {
  readonly seats: number;
  readonly people: number;
  readonly result: SaleResult;
  readonly targets: readonly Target[];
}

const WORKER = join(import.meta.dir, "flash-sale-worker.ts");
const NUMBER = 9_000;
const WITHIN_MS = 1_000;
/** A sale that takes longer has failed. */
const ENDS_AFTER_MS = 240_000;
/** How long the last payments may take to become tickets. */
const SETTLE_MS_MAX = 60_000;
const LOOK_MS = 500;

export function salePlan(seats: number): FlightPlan {
  return { ...benchPlan(NUMBER), seatPlan: new SeatPlan(LARGE_PLAN.seats.slice(0, seats)) };
}

export async function flashSale(bench: Bench, contestant: Contestant): Promise<FlashSale> {
  const { scale, progress, signingKey, seed } = bench;
  const { seats, people, admitPerMinute } = scale.sale;
  const { flightId } = salePlan(seats);
  const { url, databaseUrl } = contestant;
  return await bench.phase("profile flash sale", async () => {
    const membersFile = bench.file("people");
    const entropy = systemEntropy();
    const ids = Array.from({ length: people }, () => entropy.uuid());
    writeFileSync(membersFile, ids.join("\n"));
    await openRoom(url, flightId, await adminToken(signingKey), admitPerMinute);
    progress.line(`${whole(people)} people come for ${whole(seats)} seats within ${ms(WITHIN_MS)}`);
    const orders: SaleOrders = {
      url,
      flightId,
      people,
      withinMs: WITHIN_MS,
      seed,
      signingKey,
      membersFile,
      connections: 128,
      endsAfterMs: ENDS_AFTER_MS,
    };
    const result = await inProcess<SaleResult>(WORKER, orders, bench.watchLoad);
    const sold = await settled(databaseUrl, flightId, result.paid.length);
    const targets = targetsOf(result, sold, seats, people);
    for (const { what, measured, isReached } of targets) if (!isReached) bench.fail(`flash sale: ${what}: ${measured}`);
    const { joins, soldOutAfterMs, passedOver } = result;
    progress.line(
      `joins: ${whole(joins.requests)} answered, p50 ${ms(joins.p50Ms)}, p99 ${ms(joins.p99Ms)} from when each was meant`,
    );
    progress.line(`passed over: ${passedOver.present} who stood at the door, ${silentWords(passedOver)}`);
    progress.line(
      `sold out after ${soldOutAfterMs === null ? "never" : ms(soldOutAfterMs)}; ${whole(sold.ticketed)} tickets of ${whole(sold.seats)} seats`,
    );
    return { seats, people, result, targets };
  });
}

interface Sold {
  readonly seats: number;
  readonly claims: number;
  readonly ticketed: number;
  readonly members: number;
}

async function openRoom(url: string, flightId: string, token: string, admitPerMinute: number): Promise<void> {
  const answer = await fetch(`${url}/api/v1/admin/flights/${flightId}/waiting-room`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ mode: "on", admitPerMinute, proofOfWork: "off" }),
  });
  if (!answer.ok) throw new Error(`the waiting room does not open: ${answer.status} ${await answer.text()}`);
}

/** What the database says, once every payment has become a ticket, or has had its time. */
async function settled(databaseUrl: string, flightId: string, paid: number): Promise<Sold> {
  const giveUpMs = performance.now() + SETTLE_MS_MAX;
  for (;;) {
    const [row] = await query(
      databaseUrl,
      `SELECT COUNT(DISTINCT c.seat) AS seats, COUNT(*) AS claims, COUNT(DISTINCT r.member_id) AS members,
              COALESCE(SUM(r.status = 'TICKETED'), 0) AS ticketed
         FROM seat_claim c JOIN reservation r ON r.id = c.reservation_id WHERE c.flight_id = ?`,
      [flightId],
    );
    const sold = {
      seats: Number(row?.seats),
      claims: Number(row?.claims),
      members: Number(row?.members),
      ticketed: Number(row?.ticketed),
    };
    if (sold.ticketed >= paid || performance.now() > giveUpMs) return sold;
    await Bun.sleep(LOOK_MS);
  }
}

function targetsOf(result: SaleResult, sold: Sold, seats: number, people: number): Target[] {
  const isExactly = (what: string, wanted: number, measured: number, against: string): Target => {
    return { what, atLeast: wanted, measured, against, isReached: measured === wanted };
  };
  return [
    isExactly("people who have a place in the line", people, result.joined, "people who came"),
    isExactly(
      "seats sold, each exactly once",
      seats,
      sold.seats === sold.claims ? sold.seats : Number.NaN,
      "seats of the flight",
    ),
    isExactly("members who have one", seats, sold.members, "seats of the flight"),
    isExactly("tickets", seats, sold.ticketed, "seats of the flight"),
    isExactly("people put behind somebody who came later", 0, result.joinsOutOfOrder, "none"),
    isExactly("people passed over while they stood at the door", 0, result.passedOver.present, "none"),
  ];
}

/** Owns the measure of memory: 10,000 flights of 180 seats known (`KNOWN`), 1,000 of them active (`ACTIVE`), and what their idempotency keys cost. */

import { type FlightPlan, type PlannedSeat, SeatPlan } from "../actors/domain/plan.ts";
import { givenHost, publishPlan } from "../tests/support/given-host.ts";

const KNOWN = Number(process.env.KNOWN ?? 10_000);
const ACTIVE = Number(process.env.ACTIVE ?? 1_000);
const HOLDS_EACH = 60;
const REFUSALS_EACH = 60;

const seatPlan = new SeatPlan(
  Array.from({ length: 180 }, (_, index): PlannedSeat => {
    const row = Math.floor(index / 6) + 1;
    const column = "ABCDEF".charAt(index % 6);
    return { seat: `${row}${column}`, cabin: "Y", row, column, features: [] };
  }),
);

function plan(number: number): FlightPlan {
  return {
    flightId: `BN-${number}-2030-01-31-ICN`,
    departsAtMs: Date.UTC(2030, 0, 31),
    currency: "KRW",
    fareByCabin: { Y: 90_000 },
    seatPlan,
  };
}

function report(what: string): void {
  Bun.gc(true);
  console.log(`${what.padEnd(56)} ${(process.memoryUsage.rss() / 1_048_576).toFixed(0).padStart(5)} MB`);
}

report("the program alone");
const given = await givenHost();
for (let number = 0; number < KNOWN; number++) await publishPlan(given.db, plan(number));
report(`${KNOWN.toLocaleString("en")} flights of 180 seats known`);

async function ask(number: number, visit: number): Promise<boolean> {
  const seat = seatPlan.at(visit % HOLDS_EACH).seat;
  const { reply } = await given.client.call({
    flightId: plan(number).flightId,
    op: "hold",
    args: { passengers: [{ name: "Load Test", type: "ADT", seat }] },
    member: `member-${number}-${visit}`,
    key: `key-${number}-${visit}`,
    fingerprint: "0123456789abcdefghijkl",
  });
  return reply.ok;
}

let sold = 0;
let refused = 0;
for (let visit = 0; visit < HOLDS_EACH + REFUSALS_EACH; visit++) {
  const answers = await Promise.all(Array.from({ length: ACTIVE }, (_, number) => ask(number, visit)));
  for (const isSold of answers) isSold ? sold++ : refused++;
  if (visit === HOLDS_EACH - 1)
    report(`${ACTIVE.toLocaleString("en")} active: ${sold.toLocaleString("en")} holds under their keys`);
}
report(`and ${refused.toLocaleString("en")} refusals under theirs`);
await given.stop();
process.exit(0);

/** Owns how flights come into the simulated database's catalogue. */

import { present } from "../../../actors/assert.ts";
import { shardOf } from "../../../actors/domain/ids.ts";
import { type FlightPlan, fareOf } from "../../../actors/domain/plan.ts";
import type { Tables } from "../database/tables.ts";
import { keyOf } from "../sql/running.ts";
import { SCHEMA } from "../sql/schema.ts";
import type { Value } from "../sql/syntax.ts";

export function addFlight(tables: Tables, plan: FlightPlan): void {
  const { flightId, departsAtMs, currency, seatPlan } = plan;
  const seatPlanId = `${seatPlan.capacity}-${flightId}`;
  const fares = seatPlan.cabins.map((cabin) => ({ cabin, amount: fareOf(plan, cabin) }));
  const summaries = fares.map(({ cabin, amount }, at) => {
    const capacity = seatPlan.capacityByCabin[at] ?? 0;
    return { cabin, capacity, free: capacity, lowestFare: amount };
  });
  add(tables, "seat_plan", { id: seatPlanId, seats: JSON.stringify(seatPlan.seats) });
  add(tables, "flight", {
    id: flightId,
    airline: "PG",
    number: "101",
    origin: "ICN",
    destination: "CJU",
    departs_at_ms: departsAtMs,
    arrives_at_ms: departsAtMs + 3_600_000,
    departs_local: "2030-01-31T00:00:00+00:00",
    arrives_local: "2030-01-31T01:00:00+00:00",
    departs_on: "2030-01-31",
    aircraft: "738",
    seat_plan: seatPlanId,
    lowest_fare: Math.min(...fares.map(({ amount }) => amount)),
    currency,
  });
  for (const { cabin, amount } of fares) add(tables, "fare", { flight_id: flightId, cabin, amount });
  add(tables, "flight_head", {
    flight_id: flightId,
    shard: shardOf(flightId),
    version: 0,
    last_batch: null,
    logical_ms: 0,
    next_deadline_ms: null,
    cabins: JSON.stringify(summaries),
  });
}

function add(tables: Tables, table: string, values: Readonly<Record<string, Value>>): void {
  const schema = present(SCHEMA.tables.get(table), () => `a table ${table}`);
  const row = schema.columns.map(({ name, initial }) => values[name] ?? initial);
  tables.apply([{ table, key: keyOf(schema, row), before: null, after: row }]);
}

/** Owns a host as the tests need it: the real lane, journal and SQLite file, with flights made to measure. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bus } from "../../actors/bus/bus.ts";
import { InProcessBus } from "../../actors/bus/in-process.ts";
import { type FlightClient, flightClient } from "../../actors/client.ts";
import type { Clock } from "../../actors/clock.ts";
import { shardOf } from "../../actors/domain/ids.ts";
import { numberForms } from "../../actors/domain/number-forms.ts";
import type { FlightPlan } from "../../actors/domain/plan.ts";
import { DEFAULT_RULES, type Rules } from "../../actors/domain/rules.ts";
import type { Entropy } from "../../actors/entropy.ts";
import { FlightHost } from "../../actors/flight-host.ts";
import type { Journal } from "../../actors/journal.ts";
import { DEFAULT_LIMITS, type HostLimits } from "../../actors/limits.ts";
import { Numbers } from "../../actors/numbers.ts";
import { silent, type Telemetry } from "../../actors/telemetry.ts";
import { type OpenDatabase, openSqlite } from "../../db/open.ts";
import { journalOn } from "../../db/stores/journal.ts";
import { numberBlocks } from "../../db/stores/number-blocks.ts";
import { systemClock } from "../../db/system-clock.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { ownAllShards } from "./given-database.ts";

export interface GivenHost {
  readonly host: FlightHost;
  readonly client: FlightClient;
  readonly bus: Bus;
  readonly db: OpenDatabase;
  readonly journal: Journal;
  readonly file: string;
  readonly incarnation: string;
  /** Stops as a server does. */
  stop(): Promise<void>;
  /** Leaves everything as a crash would: nothing is finished or kept. Another host may start on `file`. */
  abandon(): Promise<void>;
}

export interface GivenHostOptions {
  readonly plans?: readonly FlightPlan[];
  readonly clock?: Clock;
  readonly entropy?: Entropy;
  readonly rules?: Partial<Rules>;
  readonly limits?: Partial<HostLimits>;
  readonly telemetry?: Telemetry;
  /** @default one within the process */
  readonly bus?: Bus;
  /** An existing file to go on with. @default a new one, in a folder that goes when the host stops */
  readonly file?: string;
  /** Instead of a file; whoever gives it closes it. */
  readonly database?: OpenDatabase;
  /** Puts itself between the host and the journal, to make it fail. */
  readonly around?: (journal: Journal) => Journal;
}

export async function givenHost(options: GivenHostOptions = {}): Promise<GivenHost> {
  const folder = options.file === undefined ? mkdtempSync(join(tmpdir(), "pigonair-")) : null;
  const file = options.file ?? join(folder ?? "", "pigonair.sqlite");
  const clock = options.clock ?? systemClock();
  const entropy = options.entropy ?? systemEntropy();
  const telemetry = options.telemetry ?? silent;
  const db = options.database ?? (await openSqlite(file));
  for (const plan of options.plans ?? []) await publishPlan(db, plan);

  const incarnation = entropy.uuid();
  const ownership = await ownAllShards(db, incarnation, clock.nowMs());
  const bus = options.bus ?? new InProcessBus();
  const stored = journalOn(db);
  const journal = options.around?.(stored) ?? stored;
  const numbers = new Numbers(
    numberBlocks(db.write),
    numberForms(new Uint8Array(32).fill(7), "999"),
    entropy,
    telemetry.log,
  );
  const host = new FlightHost(
    { journal, clock, entropy, numbers, telemetry, bus },
    { ...DEFAULT_RULES, ...options.rules },
    { ...DEFAULT_LIMITS, ...options.limits },
    incarnation,
  );
  await host.take(ownership);
  const close = async (): Promise<void> => {
    if (options.database === undefined) await db.close();
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  };
  return {
    host,
    client: flightClient(bus, clock, entropy, { attemptMs: 10_000 }),
    bus,
    db,
    journal,
    file,
    incarnation,
    async stop() {
      await host.stop();
      await close();
    },
    abandon: close,
  };
}

/** Puts a flight into the catalogue, as a publisher would. */
export async function publishPlan({ write }: OpenDatabase, plan: FlightPlan): Promise<void> {
  const { flightId, departsAtMs, currency, fareByCabin, seatPlan } = plan;
  const fares = seatPlan.cabins.map((cabin) => ({ flight_id: flightId, cabin, amount: fareByCabin[cabin] ?? 0 }));
  const cabins = fares.map(({ cabin, amount }, at) => {
    const capacity = seatPlan.capacityByCabin[at] ?? 0;
    return { cabin, capacity, free: capacity, lowestFare: amount };
  });
  const seats = JSON.stringify(seatPlan.seats);
  const seatPlanId = Bun.SHA256.hash(seats, "hex");
  const local = `${new Date(departsAtMs).toISOString().slice(0, 19)}+00:00`;
  const known = await write.selectFrom("seat_plan").select("id").where("id", "=", seatPlanId).executeTakeFirst();
  if (known === undefined) await write.insertInto("seat_plan").values({ id: seatPlanId, seats }).execute();
  await write
    .insertInto("flight")
    .values({
      id: flightId,
      airline: "PG",
      number: "101",
      origin: "ICN",
      destination: "CJU",
      departs_at_ms: departsAtMs,
      arrives_at_ms: departsAtMs + 3_600_000,
      departs_local: local,
      arrives_local: local,
      departs_on: local.slice(0, 10),
      aircraft: "738",
      seat_plan: seatPlanId,
      lowest_fare: Math.min(...fares.map(({ amount }) => amount)),
      currency,
    })
    .execute();
  await write.insertInto("fare").values(fares).execute();
  await write
    .insertInto("flight_head")
    .values({
      flight_id: flightId,
      shard: shardOf(flightId),
      version: 0,
      last_batch: null,
      logical_ms: 0,
      next_deadline_ms: null,
      cabins: JSON.stringify(cabins),
    })
    .execute();
}

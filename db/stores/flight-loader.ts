/** Owns how a flight is read back: its plan from the catalogue, its snapshot, and the journal's tail with no gap. */

import type { Kysely } from "kysely";
import { assert } from "../../actors/assert.ts";
import { JOURNAL_SCHEMA } from "../../actors/domain/event.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import { type FlightPlan, type PlannedSeat, SeatPlan } from "../../actors/domain/plan.ts";
import type { Snapshot } from "../../actors/domain/snapshot.ts";
import type { LoadedFlight, TailEntry } from "../../actors/journal.ts";
import type { Database, JournalTable } from "../schema.ts";
import { readTurns } from "../turns-text.ts";

/** Journal rows read at once on the way back to the oldest living refusal. */
const RECENT_PAGE_ROWS = 256;

export class FlightLoader {
  readonly #read: Kysely<Database>;
  /** Aircraft configurations are few, and flights that fly the same share one object. */
  readonly #seatPlans = new Map<string, SeatPlan>();

  constructor(read: Kysely<Database>) {
    this.#read = read;
  }

  load(flightId: FlightId, refusalsSinceMs: number): Promise<LoadedFlight | null> {
    // On SQLite every transaction is one consistent view; MySQL has to be asked for it.
    const transaction = this.#read.transaction().setIsolationLevel("repeatable read").setAccessMode("read only");
    return transaction.execute((view) => this.loadFrom(view, flightId, refusalsSinceMs));
  }

  /** As {@link load}, in a view that is open already. */
  async loadFrom(view: Kysely<Database>, flightId: FlightId, refusalsSinceMs: number): Promise<LoadedFlight | null> {
    const plan = await this.plan(view, flightId);
    if (plan === null) return null;
    const kept = await view.selectFrom("snapshot").select("state").where("flight_id", "=", flightId).executeTakeFirst();
    const snapshot = kept === undefined ? null : (JSON.parse(kept.state) as Snapshot);
    const after = snapshot?.version ?? 0;
    const rows = await view
      .selectFrom("journal")
      .select(["version", "at_ms", "schema_version", "turns"])
      .where("flight_id", "=", flightId)
      .where("version", ">", after)
      .orderBy("version")
      .execute();
    const tail = rows.map((row) => tailEntry(flightId, row));
    tail.forEach(({ version }, at) => {
      assert(Number(version) === after + 1 + at, `the journal of ${flightId} has a gap before ${version}`);
    });
    return { plan, snapshot, tail, recent: await recentEntries(view, flightId, after, refusalsSinceMs) };
  }

  /** What the catalogue says of the flight, or null if it has no such flight. */
  async plan(view: Kysely<Database>, flightId: FlightId): Promise<FlightPlan | null> {
    const flight = await view
      .selectFrom("flight")
      .select(["departs_at_ms", "currency", "seat_plan"])
      .where("id", "=", flightId)
      .executeTakeFirst();
    if (flight === undefined) return null;
    const fares = await view.selectFrom("fare").select(["cabin", "amount"]).where("flight_id", "=", flightId).execute();
    return {
      flightId,
      departsAtMs: Number(flight.departs_at_ms),
      currency: flight.currency,
      fareByCabin: Object.fromEntries(fares.map(({ cabin, amount }) => [cabin, Number(amount)])),
      seatPlan: await this.#seatPlan(view, flight.seat_plan),
    };
  }

  async #seatPlan(view: Kysely<Database>, id: string): Promise<SeatPlan> {
    const known = this.#seatPlans.get(id);
    if (known !== undefined) return known;
    const { seats } = await view.selectFrom("seat_plan").select("seats").where("id", "=", id).executeTakeFirstOrThrow();
    const seatPlan = new SeatPlan(JSON.parse(seats) as PlannedSeat[]);
    this.#seatPlans.set(id, seatPlan);
    return seatPlan;
  }
}

async function recentEntries(
  view: Kysely<Database>,
  flightId: FlightId,
  upTo: number,
  sinceMs: number,
): Promise<TailEntry[]> {
  const recent: TailEntry[] = [];
  for (let before = upTo + 1; before > 1; ) {
    const page = await view
      .selectFrom("journal")
      .select(["version", "at_ms", "schema_version", "turns"])
      .where("flight_id", "=", flightId)
      .where("version", "<", before)
      .orderBy("version", "desc")
      .limit(RECENT_PAGE_ROWS)
      .execute();
    const living = page.filter(({ at_ms }) => Number(at_ms) >= sinceMs);
    recent.push(...living.map((row) => tailEntry(flightId, row)));
    const last = page.at(-1);
    if (last === undefined || living.length < page.length) break;
    before = Number(last.version);
  }
  return recent.reverse();
}

export function tailEntry(
  flightId: FlightId,
  row: Pick<JournalTable, "version" | "schema_version" | "turns">,
): TailEntry {
  const { version, schema_version: schema, turns } = row;
  assert(schema <= JOURNAL_SCHEMA, () => `version ${version} of ${flightId} was written by a newer program`);
  return { version: Number(version), entry: { schema, turns: readTurns(flightId, turns) } };
}

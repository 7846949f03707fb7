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

/**
 * A journal is read in pages of about so many characters: nobody else is served while one is parsed, and the journal of a flight that is being
 * asked by everybody is a hundred times as long.
 */
const PAGE_LENGTH = 4_000_000;

/**
 * Rows of the first page, and of any. Most journals are read in two or three, since each costs whoever waits a round trip; and one page has
 * no more than so many times the rows of the one before, since these may be a hundred times as long.
 */
const FIRST_PAGE_ROWS = 64;
const PAGE_ROWS_MAX = 1_024;
const PAGE_GROWTH_MAX = 4;

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
    const tail = await tailEntries(view, flightId, after);
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

type EntryRow = Pick<JournalTable, "version" | "at_ms" | "schema_version" | "turns">;

/** Every entry after this version. @throws AssertionFailure where one is missing */
async function tailEntries(view: Kysely<Database>, flightId: FlightId, after: number): Promise<TailEntry[]> {
  const tail: TailEntry[] = [];
  for (let limit = FIRST_PAGE_ROWS, end = after; ; ) {
    const page = await entryRows(view, flightId).where("version", ">", end).orderBy("version").limit(limit).execute();
    for (const row of page) {
      end += 1;
      assert(Number(row.version) === end, `the journal of ${flightId} has a gap before ${row.version}`);
      tail.push(tailEntry(flightId, row));
    }
    if (page.length < limit) return tail;
    limit = rowsOfNextPage(page);
  }
}

/** Entries up to this version, back to the oldest that may hold a living refusal. */
async function recentEntries(
  view: Kysely<Database>,
  flightId: FlightId,
  upTo: number,
  sinceMs: number,
): Promise<TailEntry[]> {
  const recent: TailEntry[] = [];
  for (let limit = FIRST_PAGE_ROWS, before = upTo + 1; before > 1; ) {
    const rows = entryRows(view, flightId).where("version", "<", before).orderBy("version", "desc");
    const page = await rows.limit(limit).execute();
    const living = page.filter(({ at_ms }) => Number(at_ms) >= sinceMs);
    recent.push(...living.map((row) => tailEntry(flightId, row)));
    const last = page.at(-1);
    if (last === undefined || living.length < page.length) break;
    before = Number(last.version);
    limit = rowsOfNextPage(page);
  }
  return recent.reverse();
}

function entryRows(view: Kysely<Database>, flightId: FlightId) {
  return view
    .selectFrom("journal")
    .select(["version", "at_ms", "schema_version", "turns"])
    .where("flight_id", "=", flightId);
}

/** As many as are about a page, if they are as long as these. */
function rowsOfNextPage(rows: readonly EntryRow[]): number {
  const length = rows.reduce((sum, { turns }) => sum + turns.length, 0);
  const asLong = Math.max(1, Math.floor((PAGE_LENGTH * rows.length) / length));
  return Math.min(asLong, PAGE_GROWTH_MAX * rows.length, PAGE_ROWS_MAX);
}

export function tailEntry(
  flightId: FlightId,
  row: Pick<JournalTable, "version" | "schema_version" | "turns">,
): TailEntry {
  const { version, schema_version: schema, turns } = row;
  assert(schema <= JOURNAL_SCHEMA, () => `version ${version} of ${flightId} was written by a newer program`);
  return { version: Number(version), entry: { schema, turns: readTurns(flightId, turns) } };
}

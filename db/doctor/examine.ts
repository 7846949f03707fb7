/** Owns the doctor's round: every journal replayed, and everything derived from it compared, in one consistent view. */

import { type Kysely, type Selectable, sql } from "kysely";
import type { Snapshot } from "../../actors/domain/snapshot.ts";
import type { Database, FlightHeadTable, SnapshotTable } from "../schema.ts";
import { FlightLoader } from "../stores/flight-loader.ts";
import { compareRows } from "./compare.ts";
import { headFindings } from "./head.ts";
import { memberIndexFindings } from "./member-index.ts";
import { moneyFindings } from "./money.ts";
import { type Replayed, replayFlight } from "./replay.ts";

export interface Diagnosis {
  readonly flights: number;
  readonly entries: number;
  readonly reservations: number;
  /** `flight: what differs`, or what differs between flights. */
  readonly findings: readonly string[];
}

export interface ExamineOptions {
  /** Told after each flight, so that a long round shows its progress. */
  readonly progress?: (done: number, of: number) => void;
  /** Given the story of each flight whose rows differ from it, to make them anew. */
  readonly rebuild?: (flightId: string, replayed: Replayed) => Promise<void>;
  /** Told of each flight whose journal can't be right: nothing may be derived from it. */
  readonly contradicted?: (flightId: string) => void;
  /** Whether a table of its own finds a member's reservations, as on SQLite. @default false */
  readonly hasMemberIndex?: boolean;
}

export function examine(read: Kysely<Database>, options: ExamineOptions = {}): Promise<Diagnosis> {
  // On SQLite every transaction is one consistent view; MySQL has to be asked for it.
  const transaction = read.transaction().setIsolationLevel("repeatable read").setAccessMode("read only");
  return transaction.execute(async (view) => {
    const loader = new FlightLoader(view);
    const heads = await view.selectFrom("flight_head").selectAll().orderBy("flight_id").execute();
    const stored = await storedRows(view);
    const findings: string[] = [];
    let entries = 0;
    let reservations = 0;
    let tickets = 0;
    for (const [done, head] of heads.entries()) {
      options.progress?.(done, heads.length);
      const say = (finding: string): void => {
        findings.push(`${head.flight_id}: ${finding}`);
      };
      const plan = await loader.plan(view, head.flight_id);
      if (plan === null) {
        say("the catalogue has no such flight");
        continue;
      }
      const snapshot = await view
        .selectFrom("snapshot")
        .selectAll()
        .where("flight_id", "=", head.flight_id)
        .executeTakeFirst();
      const snapshotFindings: string[] = [];
      const replayed = await replayFlight(
        view,
        plan,
        snapshot === undefined ? null : Number(snapshot.version),
        (told) => {
          if (snapshot === undefined || comparable(snapshot.state) === comparable(JSON.stringify(told))) return;
          snapshotFindings.push(`the snapshot at version ${snapshot.version} is not what the journal says`);
        },
      );
      const { state, projection } = replayed;
      entries += replayed.entries;
      reservations += projection.reservations.insert.length;
      tickets += projection.tickets.insert.length;
      const contradictions = [...replayed.findings, ...lostEnd(state.version, head, snapshot)];
      contradictions.forEach(say);
      const before = findings.length;
      snapshotFindings.forEach(say);
      headFindings(state, head).forEach(say);
      const { findings: rows, nextLookMs } = await compareRows(view, head.flight_id, projection);
      rows.forEach(say);
      for (const table of COUNTED) {
        const has = stored[table].get(head.flight_id) ?? 0;
        const implied = projection[`${table}s`].insert.length;
        if (has > implied) say(`${table} has ${has} rows, the journal implies ${implied}`);
        stored[table].delete(head.flight_id);
      }
      moneyFindings(state, nextLookMs).forEach(say);
      if (contradictions.length > 0) options.contradicted?.(head.flight_id);
      else if (findings.length > before) await options.rebuild?.(head.flight_id, replayed);
    }
    options.progress?.(heads.length, heads.length);
    findings.push(...(await strays(view, stored, tickets)));
    findings.push(...(await doubles(view)));
    if (options.hasMemberIndex === true) findings.push(...(await memberIndexFindings(view)));
    return { flights: heads.length, entries, reservations, findings };
  });
}

/** What a head or a snapshot has seen of the journal, and the journal no longer holds. */
function lostEnd(
  version: number,
  head: Selectable<FlightHeadTable>,
  snapshot: Selectable<SnapshotTable> | undefined,
): string[] {
  const seen = Math.max(Number(head.version), Number(snapshot?.version ?? 0));
  return seen > version ? [`I3: the journal ends at version ${version}, but had come to ${seen}`] : [];
}

/** What must be the same in every snapshot of one version; null for what is none. */
function comparable(written: string): string | null {
  try {
    // Which keys are still remembered depends on when they were swept, and a reservation that ended unpaid may be forgotten.
    const { keys: _, reservations, ...rest } = JSON.parse(written) as Snapshot;
    const kept = reservations.filter(
      ({ status, attempts }) => attempts.length > 0 || !(status === "RELEASED" || status === "EXPIRED"),
    );
    return JSON.stringify({ ...rest, reservations: kept });
  } catch {
    return null;
  }
}

const COUNTED = ["reservation", "payment"] as const;

type StoredRows = Record<(typeof COUNTED)[number], Map<string, number>>;

/** How many rows each flight has: what the journal knows nothing of is found by counting. */
async function storedRows(view: Kysely<Database>): Promise<StoredRows> {
  const count = async (table: (typeof COUNTED)[number]): Promise<Map<string, number>> => {
    const rows = await view
      .selectFrom(table)
      .select(({ fn }) => ["flight_id", fn.countAll<number>().as("rows")])
      .groupBy("flight_id")
      .execute();
    return new Map(rows.map((row) => [row.flight_id, Number(row.rows)]));
  };
  return { reservation: await count("reservation"), payment: await count("payment") };
}

/** Rows that belong to no flight that there is. */
async function strays(view: Kysely<Database>, unclaimed: StoredRows, ticketsImplied: number): Promise<string[]> {
  const findings: string[] = [];
  for (const table of COUNTED) {
    for (const [flightId, rows] of unclaimed[table])
      findings.push(`${table} has ${rows} rows of ${flightId}, which does not exist`);
  }
  const { tickets } = await view
    .selectFrom("ticket")
    .select(({ fn }) => fn.countAll<number>().as("tickets"))
    .executeTakeFirstOrThrow();
  if (Number(tickets) !== ticketsImplied) {
    findings.push(`ticket has ${tickets} rows, all journals together imply ${ticketsImplied}`);
  }
  const { unreserved } = await view
    .selectFrom("ticket")
    .where("reservation_id", "not in", view.selectFrom("reservation").select("id"))
    .select(({ fn }) => fn.countAll<number>().as("unreserved"))
    .executeTakeFirstOrThrow();
  if (Number(unreserved) > 0) findings.push(`ticket has ${unreserved} rows of no reservation`);
  const { headless } = await view
    .selectFrom("journal")
    .where("flight_id", "not in", view.selectFrom("flight_head").select("flight_id"))
    .select(({ fn }) => fn.count<number>("flight_id").distinct().as("headless"))
    .executeTakeFirstOrThrow();
  if (Number(headless) > 0) findings.push(`the journal tells of ${headless} flights that have no head`);
  const { claims } = await view
    .selectFrom("seat_claim")
    .where("flight_id", "not in", view.selectFrom("flight_head").select("flight_id"))
    .select(({ fn }) => fn.countAll<number>().as("claims"))
    .executeTakeFirstOrThrow();
  if (Number(claims) > 0) findings.push(`seat_claim has ${claims} rows of flights that don't exist`);
  return findings;
}

async function doubles(view: Kysely<Database>): Promise<string[]> {
  const pnrs = await view
    .selectFrom("reservation")
    .select("pnr")
    .groupBy("pnr")
    .having(sql<number>`count(*)`, ">", 1)
    .limit(10)
    .execute();
  const numbers = await view
    .selectFrom("ticket")
    .select("number")
    .groupBy("number")
    .having(sql<number>`count(*)`, ">", 1)
    .limit(10)
    .execute();
  return [
    ...pnrs.map(({ pnr }) => `record locator ${pnr} stands for more than one reservation`),
    ...numbers.map(({ number }) => `ticket number ${number} was issued twice`),
  ];
}

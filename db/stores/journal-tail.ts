/** Owns the tail of the journal in SQL: what a consumer has not seen yet, and its cursors. */

import { type Kysely, type SelectQueryBuilder, sql } from "kysely";
import type { EventType } from "../../actors/domain/event.ts";
import { ANY_KIND, kindsFor } from "../../actors/domain/event-kinds.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { CursorMove, JournalTail, Sweep, TailPage } from "../../queue/relay/journal-tail.ts";
import type { DialectName } from "../migrations/dialect.ts";
import type { Database, JournalTable } from "../schema.ts";
import { tailEntry } from "./flight-loader.ts";

/** Journals that one statement looks into. */
const STRETCHES_PER_STATEMENT = 64;

export interface JournalTailStoreOptions {
  readonly read: Kysely<Database>;
  readonly write: Kysely<Database>;
  readonly dialect: DialectName;
}

/** What of a journal a consumer has not seen yet. */
interface Stretch {
  readonly flightId: FlightId;
  /** Behind this version … */
  readonly seen: number;
  /** … up to this one. */
  readonly end: number;
}

type EntryRow = Pick<JournalTable, "flight_id" | "version" | "schema_version" | "turns">;

const NOTHING: TailPage = { entries: () => [], upTo: 0, isEnd: true };

export class JournalTailStore implements JournalTail {
  readonly #read: Kysely<Database>;
  readonly #write: Kysely<Database>;
  readonly #dialect: DialectName;

  constructor({ read, write, dialect }: JournalTailStoreOptions) {
    this.#read = read;
    this.#write = write;
    this.#dialect = dialect;
  }

  async sweep(
    consumer: string,
    types: readonly EventType[] | null,
    after: FlightId | null,
    limit: number,
  ): Promise<Sweep> {
    const rows = await this.#heads(consumer)
      .where("flight_head.flight_id", ">", after ?? "")
      .orderBy("flight_head.flight_id")
      .limit(limit)
      .execute();
    const ahead = rows.map(stretchOf).filter(goesOn);
    const concerned = await this.#ofEach(ahead, types, (journal) => journal.select("flight_id").limit(1));
    const behind = new Set(concerned.map(({ flight_id }) => flight_id));
    return {
      behind: ahead.filter(({ flightId }) => behind.has(flightId)).map(({ flightId }) => flightId),
      passed: ahead
        .filter(({ flightId }) => !behind.has(flightId))
        .map(({ flightId, end }) => ({ flightId, version: end })),
      next: rows.length < limit ? null : (rows.at(-1)?.flight_id ?? null),
    };
  }

  async read(
    consumer: string,
    flights: readonly FlightId[],
    types: readonly EventType[],
    limit: number,
  ): Promise<ReadonlyMap<FlightId, TailPage>> {
    // Before the entries: what comes while they are read is left for the next time.
    const heads = await this.#heads(consumer).where("flight_head.flight_id", "in", flights).execute();
    const ahead = heads.map(stretchOf).filter(goesOn);
    const rows = await this.#ofEach(ahead, types, (journal) =>
      journal.select(["flight_id", "version", "schema_version", "turns"]).limit(limit),
    );
    const rowsOf = Map.groupBy(rows, ({ flight_id }) => flight_id);
    const pages = new Map<FlightId, TailPage>(flights.map((flightId) => [flightId, NOTHING]));
    for (const stretch of ahead)
      pages.set(stretch.flightId, pageOf(stretch, rowsOf.get(stretch.flightId) ?? [], limit));
    return pages;
  }

  async advance(consumer: string, moves: readonly CursorMove[]): Promise<void> {
    if (moves.length === 0) return;
    // One statement, so that it needs no transaction around it.
    await this.#write
      .replaceInto("cursor")
      .values(moves.map(({ flightId, version }) => ({ consumer, flight_id: flightId, version })))
      .execute();
  }

  #heads(consumer: string) {
    return this.#read
      .selectFrom("flight_head")
      .leftJoin("cursor", (join) =>
        join.onRef("cursor.flight_id", "=", "flight_head.flight_id").on("cursor.consumer", "=", consumer),
      )
      .select(["flight_head.flight_id", "flight_head.version", "cursor.version as seen"]);
  }

  /**
   * What `pick` makes of the entries of each stretch that hold an event of the types, oldest first. Each stretch is a select of its own with
   * its bounds written out: MariaDB goes through a journal from its first entry when the bound is the value of another row.
   */
  async #ofEach<Row>(
    stretches: readonly Stretch[],
    types: readonly EventType[] | null,
    pick: (journal: Entries<object>) => Entries<Row>,
  ): Promise<Row[]> {
    const found: Row[] = [];
    for (let at = 0; at < stretches.length; at += STRETCHES_PER_STATEMENT) {
      const selects = stretches.slice(at, at + STRETCHES_PER_STATEMENT).map(({ flightId, seen, end }) => {
        const journal = this.#read
          .selectFrom("journal")
          .where("flight_id", "=", flightId)
          .where("version", ">", seen)
          .where("version", "<=", end)
          .where(sql<boolean>`(kinds & ${types === null ? ANY_KIND : kindsFor(types)}) <> 0`)
          .orderBy("version");
        // SQLite knows no limit in a part of a union; MariaDB takes ten times as long for what is derived from such a part.
        return this.#dialect === "sqlite" ? sql`select * from ${pick(journal)}` : sql`${pick(journal)}`;
      });
      const { rows } = await sql<Row>`${sql.join(selects, sql` union all `)}`.execute(this.#read);
      found.push(...rows);
    }
    return found;
  }
}

type Entries<Row> = SelectQueryBuilder<Database, "journal", Row>;

function stretchOf(head: { flight_id: FlightId; version: number; seen: number | null }): Stretch {
  return { flightId: head.flight_id, seen: Number(head.seen ?? 0), end: Number(head.version) };
}

function goesOn({ seen, end }: Stretch): boolean {
  return end > seen;
}

function pageOf({ end }: Stretch, rows: readonly EntryRow[], limit: number): TailPage {
  // A union keeps no order.
  const inOrder = rows.toSorted((one, other) => Number(one.version) - Number(other.version));
  const upTo = rows.length < limit ? end : Number(inOrder.at(-1)?.version);
  return { entries: () => inOrder.map((row) => tailEntry(row.flight_id, row)), upTo, isEnd: upTo === end };
}

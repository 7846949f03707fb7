/** Owns the tail of the journal in SQL: what a consumer has not seen yet, and its cursors. */

import { type Kysely, sql } from "kysely";
import type { EventType } from "../../actors/domain/event.ts";
import { ANY_KIND, kindsFor } from "../../actors/domain/event-kinds.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { CursorMove, JournalTail, Sweep, TailPage } from "../../queue/relay/journal-tail.ts";
import type { Database } from "../schema.ts";
import { tailEntry } from "./flight-loader.ts";

export interface JournalTailStoreOptions {
  readonly read: Kysely<Database>;
  readonly write: Kysely<Database>;
}

export class JournalTailStore implements JournalTail {
  readonly #read: Kysely<Database>;
  readonly #write: Kysely<Database>;

  constructor({ read, write }: JournalTailStoreOptions) {
    this.#read = read;
    this.#write = write;
  }

  async sweep(
    consumer: string,
    types: readonly EventType[] | null,
    after: FlightId | null,
    limit: number,
  ): Promise<Sweep> {
    const rows = await this.#read
      .selectFrom("flight_head")
      .leftJoin("cursor", (join) =>
        join.onRef("cursor.flight_id", "=", "flight_head.flight_id").on("cursor.consumer", "=", consumer),
      )
      .select((row) => [
        "flight_head.flight_id",
        "flight_head.version",
        "cursor.version as seen",
        row
          .exists(
            row
              .selectFrom("journal")
              .select("journal.version")
              .whereRef("journal.flight_id", "=", "flight_head.flight_id")
              .whereRef("journal.version", ">", row.fn.coalesce("cursor.version", row.val(0)))
              .where(holding(types)),
          )
          .as("concerns"),
      ])
      .where("flight_head.flight_id", ">", after ?? "")
      .orderBy("flight_head.flight_id")
      .limit(limit)
      .execute();
    const ahead = rows.filter(({ version, seen }) => Number(version) > Number(seen ?? 0));
    return {
      behind: ahead.filter(({ concerns }) => Boolean(Number(concerns))).map(({ flight_id }) => flight_id),
      passed: ahead
        .filter(({ concerns }) => !Number(concerns))
        .map(({ flight_id, version }) => ({ flightId: flight_id, version: Number(version) })),
      next: rows.length < limit ? null : (rows.at(-1)?.flight_id ?? null),
    };
  }

  async read(consumer: string, flightId: FlightId, types: readonly EventType[], limit: number): Promise<TailPage> {
    // Before the entries: what comes while they are read is left for the next time.
    const head = await this.#read
      .selectFrom("flight_head")
      .leftJoin("cursor", (join) =>
        join.onRef("cursor.flight_id", "=", "flight_head.flight_id").on("cursor.consumer", "=", consumer),
      )
      .select(["flight_head.version", "cursor.version as seen"])
      .where("flight_head.flight_id", "=", flightId)
      .executeTakeFirst();
    const [end, seen] = [Number(head?.version ?? 0), Number(head?.seen ?? 0)];
    if (end <= seen) return { entries: [], upTo: 0, isEnd: true };
    const rows = await this.#read
      .selectFrom("journal")
      .select(["version", "schema_version", "turns"])
      .where("flight_id", "=", flightId)
      .where("version", ">", seen)
      .where("version", "<=", end)
      .where(holding(types))
      .orderBy("version")
      .limit(limit)
      .execute();
    const isEnd = rows.length < limit;
    return { entries: rows.map(tailEntry), upTo: isEnd ? end : Number(rows.at(-1)?.version), isEnd };
  }

  async advance(consumer: string, moves: readonly CursorMove[]): Promise<void> {
    if (moves.length === 0) return;
    // One statement, so that it needs no transaction around it.
    await this.#write
      .replaceInto("cursor")
      .values(moves.map(({ flightId, version }) => ({ consumer, flight_id: flightId, version })))
      .execute();
  }
}

/** Of the journal's entries, those that hold an event of the types. */
function holding(types: readonly EventType[] | null) {
  return sql<boolean>`(journal.kinds & ${types === null ? ANY_KIND : kindsFor(types)}) <> 0`;
}

/** Owns the tail of the journal in SQL: what a consumer has not seen yet, and its cursors. */

import type { Kysely } from "kysely";
import type { EventType } from "../../actors/domain/event.ts";
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

  async sweep(consumer: string, after: FlightId | null, limit: number): Promise<Sweep> {
    const rows = await this.#read
      .selectFrom("flight_head")
      .leftJoin("cursor", (join) =>
        join.onRef("cursor.flight_id", "=", "flight_head.flight_id").on("cursor.consumer", "=", consumer),
      )
      .select(["flight_head.flight_id", "flight_head.version", "cursor.version as seen"])
      .where("flight_head.flight_id", ">", after ?? "")
      .orderBy("flight_head.flight_id")
      .limit(limit)
      .execute();
    const behind = rows.flatMap(({ flight_id, version, seen }) =>
      Number(version) > Number(seen ?? 0) ? [flight_id] : [],
    );
    return { behind, next: rows.length < limit ? null : (rows.at(-1)?.flight_id ?? null) };
  }

  async read(consumer: string, flightId: FlightId, types: readonly EventType[], limit: number): Promise<TailPage> {
    const seen = this.#read
      .selectFrom("cursor")
      .select("version")
      .where("consumer", "=", consumer)
      .where("flight_id", "=", flightId);
    const rows = await this.#read
      .selectFrom("journal")
      .select(["version", "schema_version", "turns"])
      .where("flight_id", "=", flightId)
      .where("version", ">", ({ fn, val }) => fn.coalesce(seen, val(0)))
      .orderBy("version")
      .limit(limit)
      .execute();
    // Found in the text, as JSON.stringify writes it: most entries concern nobody, and parsing costs ten times as much (SQL's instr() sixty times).
    const concerns = new RegExp(`"type":"(?:${types.join("|")})"`);
    const entries = rows.filter(({ turns }) => concerns.test(turns)).map(tailEntry);
    return { entries, upTo: Number(rows.at(-1)?.version ?? 0), isEnd: rows.length < limit };
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

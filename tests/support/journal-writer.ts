/** Owns journals for tests of what follows them: entries with events of chosen types, committed through the real journal. */

import { assert } from "../../actors/assert.ts";
import type { FlightEvent, JournalEntry } from "../../actors/domain/event.ts";
import { JOURNAL_SCHEMA } from "../../actors/domain/event.ts";
import { type FlightId, shardOf } from "../../actors/domain/ids.ts";
import type { OpenDatabase } from "../../db/open.ts";
import { SqliteJournal } from "../../db/stores/sqlite-journal.ts";
import { NOW_MS } from "./given.ts";
import { EPOCH, OWNER } from "./turn-host.ts";

const NOTHING = { insert: [], update: [] };

export class JournalWriter {
  readonly #journal: SqliteJournal;
  readonly #versions = new Map<FlightId, number>();

  constructor({ writer, read, write }: OpenDatabase) {
    this.#journal = new SqliteJournal(writer, read, write);
  }

  /** Commits one entry, and gives it. What the events tell makes no sense beyond their types. */
  async append(flightId: FlightId, types: readonly FlightEvent["type"][]): Promise<JournalEntry> {
    const events = types.map((type) => ({ type, id: "r1", attempt: "a1", tickets: [] }) as unknown as FlightEvent);
    const entry: JournalEntry = { schema: JOURNAL_SCHEMA, turns: [{ atMs: NOW_MS, events, key: null }] };
    const base = this.#versions.get(flightId) ?? 0;
    const shard = shardOf(flightId);
    const projection = {
      reservations: NOTHING,
      payments: NOTHING,
      tickets: NOTHING,
      passengers: [],
      claims: { remove: [], add: [] },
    };
    const change = { entry, projection, logicalMs: NOW_MS, nextDeadlineMs: null, cabins: [] };
    const outcome = await this.#journal.commit(
      {
        id: Bun.randomUUIDv7(),
        owner: OWNER,
        fences: [{ shard, epoch: EPOCH }],
        flights: [{ flightId, shard, base, change }],
      },
      false,
    );
    assert(outcome.kind === "committed", `the entry is committed, not ${JSON.stringify(outcome)}`);
    this.#versions.set(flightId, base + 1);
    return entry;
  }
}

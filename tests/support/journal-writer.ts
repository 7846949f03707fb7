/** Owns journals for tests of what follows them: entries with events of chosen types, committed through the real journal. */

import { assert, present } from "../../actors/assert.ts";
import { type FlightEvent, JOURNAL_SCHEMA, type JournalEntry } from "../../actors/domain/event.ts";
import { type FlightId, shardOf } from "../../actors/domain/ids.ts";
import type { Journal } from "../../actors/journal.ts";
import type { Ownership } from "../../actors/shards.ts";
import type { OpenDatabase } from "../../db/open.ts";
import { journalOn } from "../../db/stores/journal.ts";
import { NOW_MS } from "./given.ts";
import { ownAllShards } from "./given-database.ts";

const OWNER = "journal-writer";
const NOTHING = { insert: [], update: [] };

export class JournalWriter {
  readonly #journal: Journal;
  readonly #ownership: Ownership;
  readonly #versions = new Map<FlightId, number>();

  private constructor(database: OpenDatabase, ownership: Ownership) {
    this.#journal = journalOn(database);
    this.#ownership = ownership;
  }

  static async open(database: OpenDatabase): Promise<JournalWriter> {
    return new JournalWriter(database, await ownAllShards(database, OWNER));
  }

  /** Commits one entry, and gives it. What its events tell makes no sense beyond their types. */
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
    const batch = {
      id: Bun.randomUUIDv7(),
      owner: OWNER,
      fences: [{ shard, epoch: present(this.#ownership.get(shard), "every shard is ours") }],
      flights: [{ flightId, shard, base, change }],
    };
    const outcome = await this.#journal.commit(batch, false);
    assert(outcome.kind === "committed", `the entry is committed, not ${JSON.stringify(outcome)}`);
    this.#versions.set(flightId, base + 1);
    return entry;
  }
}

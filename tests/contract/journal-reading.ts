/** Owns how every journal is read back, and its snapshots kept: run over each implementation of the port. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { assert, present } from "../../actors/assert.ts";
import { shardOf } from "../../actors/domain/ids.ts";
import type { Snapshot } from "../../actors/domain/snapshot.ts";
import { NOW_MS } from "../support/given.ts";
import type { FreshDatabase } from "../support/given-database.ts";
import { GivenJournal, type GivenOwner } from "../support/given-journal.ts";

export function journalReadingContract(fresh: FreshDatabase): void {
  let under: GivenJournal;
  let host: GivenOwner;

  beforeAll(async () => {
    under = await GivenJournal.open(fresh);
  });
  beforeEach(async () => {
    host = await under.takeOver();
  });
  afterAll(() => under.close());

  describe("saveSnapshot()", () => {
    test("keeps a snapshot, and only over an older one", async () => {
      const flight = await under.newFlight();
      const fence = host.fence(flight.flightId);
      flight.hold(["1A"]);
      await host.commit(flight.write());
      const first = flight.snapshot();
      flight.hold(["1B"]);
      await host.commit(flight.write());
      const second = flight.snapshot();
      const save = (snapshot: Snapshot) => under.journal.saveSnapshot(flight.flightId, fence, host.owner, snapshot);
      expect(await save(first)).toBe(true);
      expect((await under.journal.load(flight.flightId, NOW_MS))?.snapshot).toEqual(first);
      expect(await save(first)).toBe(false);
      expect(await save(second)).toBe(true);
      expect(await save(first)).toBe(false);
      const loaded = present(await under.journal.load(flight.flightId, NOW_MS), "the flight");
      expect(loaded.snapshot).toEqual(second);
      expect(loaded.tail).toEqual([]);
      expect(loaded.recent.map(({ version }) => version)).toEqual([1, 2]);
    });

    test("keeps nothing for who does not own the shard, under that epoch, any more", async () => {
      const flight = await under.newFlight();
      const { shard, epoch } = host.fence(flight.flightId);
      flight.hold(["1A"]);
      await host.commit(flight.write());
      const snapshot = flight.snapshot();
      const save = (owner: string, at: number) =>
        under.journal.saveSnapshot(flight.flightId, { shard, epoch: at }, owner, snapshot);
      expect(await save("another", epoch)).toBe(false);
      expect(await save(host.owner, epoch + 1)).toBe(false);
      expect(await save(host.owner, epoch - 1)).toBe(false);
      const next = await under.takeOver();
      expect(await save(host.owner, epoch)).toBe(false);
      expect((await under.journal.load(flight.flightId, NOW_MS))?.snapshot).toBeNull();
      expect(await save(next.owner, present(next.ownership.get(shard), "the shard"))).toBe(true);
    });
  });

  describe("load()", () => {
    test("gives null for a flight that the catalogue does not have", async () => {
      expect(await under.journal.load("PG-0000-20300131-ICN", NOW_MS)).toBeNull();
    });

    test("gives the plan, and every entry with its events, keys and replies", async () => {
      const flight = await under.newFlight();
      flight.hold(["1A"]);
      const first = flight.write();
      await host.commit(first);
      flight.hold(["1B"]);
      const second = flight.write();
      await host.commit(second);
      const loaded = present(await under.journal.load(flight.flightId, NOW_MS), "the flight");
      expect(loaded.plan).toEqual(flight.plan);
      expect(loaded.snapshot).toBeNull();
      expect(loaded.recent).toEqual([]);
      expect(loaded.tail.map(({ version }) => version)).toEqual([1, 2]);
      const written = [first, second].map(({ change }) => JSON.parse(JSON.stringify(change?.entry)));
      expect(loaded.tail.map(({ entry }) => entry)).toEqual(written);
    });

    test("gives of what the snapshot covers only what is young enough to hold a living refusal", async () => {
      const flight = await under.newFlight();
      for (const seat of ["1A", "1B", "1C"]) {
        flight.hold([seat]);
        await host.commit(flight.write());
        flight.advance(60_000);
      }
      const snapshot = flight.snapshot();
      await under.journal.saveSnapshot(flight.flightId, host.fence(flight.flightId), host.owner, snapshot);
      const { recent = [], tail } = present(await under.journal.load(flight.flightId, NOW_MS + 60_000), "the flight");
      expect(recent.map(({ version }) => version)).toEqual([2, 3]);
      expect(tail).toEqual([]);
    });
  });

  test("deadlines() gives when the earliest hold of each flight ends, for the shards asked for", async () => {
    const [held, free, elsewhere] = await under.newFlights(3);
    assert(held !== undefined && free !== undefined && elsewhere !== undefined, "three flights");
    const { expiresAtMs } = held.hold(["1A"]);
    const ended = free.hold(["1A"]);
    free.release(ended);
    elsewhere.hold(["1A"]);
    await host.commit(held.write(), free.write(), elsewhere.write());
    const found = await under.journal.deadlines([shardOf(held.flightId), shardOf(free.flightId)]);
    const mine = found.filter(({ flightId }) => [held, free, elsewhere].some((flight) => flight.flightId === flightId));
    expect(mine).toEqual([{ flightId: held.flightId, atMs: expiresAtMs }]);
    expect(await under.journal.deadlines([])).toEqual([]);
  });
}

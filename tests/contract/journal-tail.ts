/** Owns what every tail of the journal must keep to, whatever database stands behind it: run over each implementation of the port. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { FlightEvent } from "../../actors/domain/event.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { JournalTail } from "../../queue/relay/journal-tail.ts";

/** A tail, and flights that are known to have come first, and to have no other. */
export interface TailUnderTest {
  readonly tail: JournalTail;
  /** Adds flights with an empty journal; in rising order of id, and after those added before. */
  addFlights(count: number): Promise<FlightId[]>;
  /** Commits one entry for each, whose events are of these types; an empty list is an entry that only recorded a refusal. */
  commit(flightId: FlightId, ...entries: readonly FlightEvent["type"][][]): Promise<void>;
  close(): Promise<void>;
}

const ALL = 1_000;

export function journalTailContract(name: string, open: () => Promise<TailUnderTest>): void {
  describe(`journal tail on ${name}`, () => {
    let under: TailUnderTest;
    let tail: JournalTail;
    let consumers = 0;
    let consumer: string;

    beforeAll(async () => {
      under = await open();
      tail = under.tail;
    });
    beforeEach(() => {
      consumer = `consumer-${++consumers}`;
    });
    afterAll(() => under.close());

    async function oneFlight(): Promise<FlightId> {
      const [flightId = ""] = await under.addFlights(1);
      return flightId;
    }

    async function read(flightId: FlightId, limit = ALL, types: FlightEvent["type"][] = ["ticketed", "cancelled"]) {
      const { entries, upTo, isEnd } = await tail.read(consumer, flightId, types, limit);
      return { versions: entries.map(({ version }) => version), upTo, isEnd };
    }

    test("read() gives nothing of a flight on which nothing has happened", async () => {
      expect(await read(await oneFlight())).toEqual({ versions: [], upTo: 0, isEnd: true });
    });

    test("read() begins before the first entry, and gives those of interest in order, whole", async () => {
      const flightId = await oneFlight();
      await under.commit(flightId, ["held"], ["captured", "ticketed"], [], ["cancelled", "refund-due"], ["held"]);
      expect(await read(flightId)).toEqual({ versions: [2, 4], upTo: 5, isEnd: true });
      const { entries } = await tail.read(consumer, flightId, ["ticketed"], ALL);
      expect(entries).toHaveLength(1);
      expect(entries[0]?.entry.turns.flatMap(({ events }) => events.map(({ type }) => type))).toEqual([
        "captured",
        "ticketed",
      ]);
    });

    test("read() takes up to the limit of entries of interest, and goes on after the cursor", async () => {
      const flightId = await oneFlight();
      await under.commit(flightId, ["ticketed"], ["held"], ["cancelled"], ["held"], ["ticketed"], ["held"]);
      expect(await read(flightId, 2)).toEqual({ versions: [1, 3], upTo: 3, isEnd: false });
      await tail.advance(consumer, [{ flightId, version: 3 }]);
      expect(await read(flightId, 2)).toEqual({ versions: [5], upTo: 6, isEnd: true });
      await tail.advance(consumer, [{ flightId, version: 6 }]);
      expect(await read(flightId, 2)).toEqual({ versions: [], upTo: 0, isEnd: true });
    });

    test("read() gives every consumer its own place", async () => {
      const flightId = await oneFlight();
      await under.commit(flightId, ["ticketed"]);
      await tail.advance("somebody-else", [{ flightId, version: 1 }]);
      expect((await read(flightId)).versions).toEqual([1]);
    });

    test("advance() moves several flights, again and again, and no other flight's", async () => {
      const [one = "", two = "", three = ""] = await under.addFlights(3);
      for (const flightId of [one, two, three]) await under.commit(flightId, ["ticketed"], ["ticketed"]);
      await tail.advance(consumer, []);
      await tail.advance(consumer, [
        { flightId: one, version: 1 },
        { flightId: two, version: 1 },
      ]);
      await tail.advance(consumer, [{ flightId: one, version: 2 }]);
      expect((await read(one)).versions).toEqual([]);
      expect((await read(two)).versions).toEqual([2]);
      expect((await read(three)).versions).toEqual([1, 2]);
    });

    test("sweep() gives those flights that go on after the cursor, page by page, each flight once", async () => {
      const flights = await under.addFlights(5);
      const [one = "", two = "", three = "", four = "", five = ""] = flights;
      for (const flightId of [one, three, four, five]) await under.commit(flightId, ["held"]);
      await tail.advance(consumer, [{ flightId: three, version: 1 }]);
      const before = await tail.sweep(consumer, ["held"], null, ALL);
      expect(before.next).toBeNull();
      expect(before.behind.filter((flightId) => flights.includes(flightId))).toEqual([one, four, five]);

      const first = await tail.sweep(consumer, null, one, 2);
      expect(first).toEqual({ behind: [], passed: [], next: three });
      expect(await tail.sweep(consumer, null, three, 1)).toEqual({ behind: [four], passed: [], next: four });
      expect(await tail.sweep(consumer, null, four, 2)).toEqual({ behind: [five], passed: [], next: null });
      expect(two < three).toBe(true);
    });

    test("sweep() passes over those that go on with nothing of interest, and says where they ended", async () => {
      const [one = "", two = "", three = ""] = await under.addFlights(3);
      await under.commit(one, ["held"], [], ["held"]);
      await under.commit(two, ["ticketed"], ["held"]);
      await under.commit(three, []);
      await tail.advance(consumer, [{ flightId: two, version: 1 }]);
      const { behind, passed } = await tail.sweep(consumer, ["ticketed"], null, ALL);
      expect(behind).not.toContain(one);
      expect(passed).toContainEqual({ flightId: one, version: 3 });
      expect(passed).toContainEqual({ flightId: two, version: 2 });
      const all = await tail.sweep(consumer, null, null, ALL);
      expect(all.behind).toContain(one);
      expect(all.passed).toContainEqual({ flightId: three, version: 1 });
    });
  });
}

/** Owns what every tail of the journal must keep to, whatever database stands behind it: run over each implementation of the port. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { present } from "../../actors/assert.ts";
import type { FlightEvent } from "../../actors/domain/event.ts";
import type { FlightId } from "../../actors/domain/ids.ts";
import type { JournalTail, TailPage } from "../../queue/relay/journal-tail.ts";

/** A tail, and flights that are known to have come first, and to have no other. */
export interface TailUnderTest {
  readonly tail: JournalTail;
  /** Adds flights with an empty journal; in rising order of id, and after those added before. */
  addFlights(count: number): Promise<FlightId[]>;
  /** Commits one entry for each, whose events are of these types; an empty list is an entry that only recorded a refusal. */
  commit(flightId: FlightId, ...entries: readonly FlightEvent["type"][][]): Promise<void>;
  /** Makes what the entry holds unreadable. */
  spoil(flightId: FlightId, version: number): Promise<void>;
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

    async function pageOf(flightId: FlightId, limit = ALL, types: FlightEvent["type"][] = ["ticketed", "cancelled"]) {
      const pages = await tail.read(consumer, [flightId], types, limit);
      return present(pages.get(flightId), "its page");
    }

    const told = (page: TailPage) => ({
      versions: page.entries().map(({ version }) => version),
      upTo: page.upTo,
      isEnd: page.isEnd,
    });

    const read = async (flightId: FlightId, limit = ALL) => told(await pageOf(flightId, limit));

    test("read() gives nothing of a flight on which nothing has happened", async () => {
      expect(await read(await oneFlight())).toEqual({ versions: [], upTo: 0, isEnd: true });
    });

    test("read() begins before the first entry, and gives those of interest in order, whole", async () => {
      const flightId = await oneFlight();
      await under.commit(flightId, ["held"], ["captured", "ticketed"], [], ["cancelled", "refund-due"], ["held"]);
      expect(await read(flightId)).toEqual({ versions: [2, 4], upTo: 5, isEnd: true });
      const entries = (await pageOf(flightId, ALL, ["ticketed"])).entries();
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

    test("read() says that it has come to the end when the last entry is the last that the limit allows", async () => {
      const flightId = await oneFlight();
      await under.commit(flightId, ["held"], ["ticketed"]);
      expect(await read(flightId, 1)).toEqual({ versions: [2], upTo: 2, isEnd: true });
    });

    test("read() of many flights gives each what it alone would give, whatever is in the others", async () => {
      const [empty = "", long = "", behind = "", passed = "", done = ""] = await under.addFlights(5);
      await under.commit(long, ["ticketed"], ["held"], ["ticketed"], ["ticketed"], ["held"], ["cancelled"]);
      await under.commit(behind, ["ticketed"], ["ticketed"], ["held"], ["cancelled"]);
      await under.commit(passed, ["held"], []);
      await under.commit(done, ["ticketed"]);
      await tail.advance(consumer, [
        { flightId: behind, version: 2 },
        { flightId: done, version: 1 },
      ]);
      const nobody = "PG-NOBODY-20300131-ICN";
      // In no order: neither of flights nor of names.
      const flights = [done, long, nobody, empty, passed, behind];
      const pages = await tail.read(consumer, flights, ["ticketed", "cancelled"], 2);
      const expected = {
        [done]: { versions: [], upTo: 0, isEnd: true },
        [long]: { versions: [1, 3], upTo: 3, isEnd: false },
        [nobody]: { versions: [], upTo: 0, isEnd: true },
        [empty]: { versions: [], upTo: 0, isEnd: true },
        [passed]: { versions: [], upTo: 2, isEnd: true },
        [behind]: { versions: [4], upTo: 4, isEnd: true },
      };
      expect(Object.fromEntries(Array.from(pages, ([flightId, page]) => [flightId, told(page)]))).toEqual(expected);
    });

    test("read() of many flights that are all cut off comes to the end of each, with nothing twice or left out", async () => {
      const flights = await under.addFlights(3);
      const lengths = [5, 1, 4];
      for (const [at, flightId] of flights.entries())
        await under.commit(flightId, ...Array.from({ length: lengths[at] ?? 0 }, () => ["ticketed" as const]));
      const seen = new Map<FlightId, number[]>(flights.map((flightId) => [flightId, []]));
      let left = flights;
      for (let rounds = 0; left.length > 0; rounds++) {
        expect(rounds).toBeLessThan(3);
        const pages = await tail.read(consumer, left, ["ticketed"], 2);
        for (const [flightId, page] of pages) seen.get(flightId)?.push(...told(page).versions);
        await tail.advance(
          consumer,
          Array.from(pages, ([flightId, { upTo }]) => ({ flightId, version: upTo })),
        );
        left = left.filter((flightId) => pages.get(flightId)?.isEnd === false);
      }
      expect([...seen.values()]).toEqual(lengths.map((length) => Array.from({ length }, (_, at) => at + 1)));
    });

    test("read() of more flights than one statement names gives all of them", async () => {
      const flights = await under.addFlights(70);
      for (const flightId of flights) await under.commit(flightId, ["ticketed"]);
      const pages = await tail.read(consumer, flights, ["ticketed"], 2);
      expect(pages.size).toBe(70);
      for (const page of pages.values()) expect(told(page)).toEqual({ versions: [1], upTo: 1, isEnd: true });
    });

    test("read() leaves an entry that can't be understood to its own flight", async () => {
      const [sound = "", spoilt = ""] = await under.addFlights(2);
      for (const flightId of [sound, spoilt]) await under.commit(flightId, ["ticketed"], ["ticketed"]);
      await under.spoil(spoilt, 2);
      const pages = await tail.read(consumer, [spoilt, sound], ["ticketed"], ALL);
      expect(told(present(pages.get(sound), "its page")).versions).toEqual([1, 2]);
      expect(() => pages.get(spoilt)?.entries()).toThrow();
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

    test("sweep() tells of more flights than one statement names", async () => {
      const flights = await under.addFlights(70);
      for (const [at, flightId] of flights.entries())
        await under.commit(flightId, [at % 2 === 0 ? "ticketed" : "held"]);
      const { behind, passed } = await tail.sweep(consumer, ["ticketed"], null, ALL);
      expect(behind.filter((flightId) => flights.includes(flightId))).toEqual(flights.filter((_, at) => at % 2 === 0));
      expect(passed.filter(({ flightId }) => flights.includes(flightId))).toEqual(
        flights.filter((_, at) => at % 2 === 1).map((flightId) => ({ flightId, version: 1 })),
      );
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

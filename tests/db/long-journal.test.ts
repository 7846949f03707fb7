/** Goal: a journal of any length is read back whole and without a gap, a piece at a time: what one piece is made into holds up everybody else. */

import { expect, test } from "bun:test";
import type { KyselyPlugin } from "kysely";
import { present } from "../../actors/assert.ts";
import type { FlightWrite } from "../../actors/journal.ts";
import { FlightLoader } from "../../db/stores/flight-loader.ts";
import { NOW_MS } from "../support/given.ts";
import { DecidingFlight } from "../support/given-batches.ts";
import { overDatabases } from "../support/given-database.ts";
import { publishPlan } from "../support/given-host.ts";
import { GivenJournal } from "../support/given-journal.ts";

const FLIGHT = "PG-7777-20300131-ICN";

/** Refusals of each batch: few at first, then many, then few again. */
const BATCHES = [...Array(150).fill(1), ...Array(400).fill(100), ...Array(150).fill(2)] as readonly number[];

/** In characters. */
const LENGTH_MIN = 10_000_000;

overDatabases("a long journal", (fresh) => {
  test("is read in pieces, before and after a snapshot", async () => {
    const under = await GivenJournal.open(fresh);
    try {
      const host = await under.takeOver();
      const flight = new DecidingFlight(FLIGHT);
      await publishPlan(under.given.db, flight.plan);
      const writes: FlightWrite[] = [];
      flight.hold(["1A"]);
      for (const [at, refusals] of BATCHES.entries()) {
        for (let asker = 0; asker < refusals; asker++) {
          flight.ask("hold", { passengers: [{ name: "", type: "ADT", seat: "1A" }] }, { member: `m${at}-${asker}` });
        }
        const write = flight.write();
        writes.push(write);
        await host.commit(write);
      }

      const lengths: number[] = [];
      const spy: KyselyPlugin = {
        transformQuery: ({ node }) => node,
        async transformResult({ result }) {
          lengths.push(result.rows.reduce((sum, { turns }) => sum + (typeof turns === "string" ? turns.length : 0), 0));
          return result;
        },
      };
      const loader = new FlightLoader(under.given.db.read.withPlugin(spy));
      const whole = present(await loader.load(FLIGHT, NOW_MS), "the flight");
      expect(whole.tail.map(({ version }) => version)).toEqual(BATCHES.map((_, at) => at + 1));
      expect(whole.tail.map(({ entry }) => entry)).toEqual(
        writes.map(({ change }) => JSON.parse(JSON.stringify(change?.entry))),
      );
      const length = lengths.reduce((sum, piece) => sum + piece, 0);
      expect(length).toBeGreaterThan(LENGTH_MIN);
      expect(Math.max(...lengths)).toBeLessThan(length / 2);

      await under.journal.saveSnapshot(FLIGHT, host.fence(FLIGHT), host.owner, flight.snapshot());
      const short = present(await loader.load(FLIGHT, NOW_MS), "the flight");
      expect(short.tail).toEqual([]);
      expect(short.recent).toEqual(whole.tail);
    } finally {
      await under.close();
    }
  });
});

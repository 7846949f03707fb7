/** Goal: a host may rehearse at any time: nothing of it is ever seen by anybody, it takes no longer than it may, and no failure of it matters. */

import { expect, test } from "bun:test";
import type { Journal } from "../../actors/journal.ts";
import { rehearse } from "../../actors/rehearsal.ts";
import { systemClock } from "../../db/system-clock.ts";
import { systemEntropy } from "../../db/system-entropy.ts";
import { overDatabases } from "../support/given-database.ts";
import { GivenJournal } from "../support/given-journal.ts";

const clock = systemClock();
const entropy = systemEntropy();

overDatabases("a rehearsal", (fresh) => {
  test("reads what is on sale, and changes nothing", async () => {
    const given = await GivenJournal.open(fresh);
    const owner = await given.takeOver();
    const flights = await given.newFlights(3);
    for (const flight of flights) flight.hold(["1A", "1B"]);
    await owner.commit(...flights.map((flight) => flight.write()));
    const read = new Set<string>();
    const { journal } = given;
    const watched: Journal = {
      load: (flightId, sinceMs) => {
        read.add(flightId);
        return journal.load(flightId, sinceMs);
      },
      commit: (...args) => journal.commit(...args),
      rehearse: async (batch) => journal.rehearse?.(batch),
      saveSnapshot: (...args) => journal.saveSnapshot(...args),
      deadlines: (...args) => journal.deadlines(...args),
    };
    await given.changesNothing(() => rehearse({ journal: watched, clock, entropy }));
    expect(read).toEqual(new Set(flights.map(({ flightId }) => flightId)));
    // And the journal takes what comes next.
    flights[0]?.hold(["2A"]);
    await owner.commit(...flights.slice(0, 1).map((flight) => flight.write()));
    await given.close();
  });
});

test("ends in time, whatever can't be read", async () => {
  const gone = (): Promise<never> => Promise.reject(new Error("the database is out of reach"));
  const journal: Journal = { load: gone, commit: gone, rehearse: gone, saveSnapshot: gone, deadlines: gone };
  const startedMs = clock.monotonicMs();
  await rehearse({ journal, clock, entropy });
  expect(clock.monotonicMs() - startedMs).toBeLessThan(5_000);
});

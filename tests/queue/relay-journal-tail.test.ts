/** Goal: the tail of the journal in SQL keeps to the contract of every tail, over entries that the real journal has committed. */

import { JournalTailStore } from "../../db/stores/journal-tail.ts";
import { journalTailContract } from "../contract/journal-tail.ts";
import { givenPlan } from "../support/given.ts";
import { overDatabases } from "../support/given-database.ts";
import { publishPlan } from "../support/given-host.ts";
import { JournalWriter } from "../support/journal-writer.ts";

overDatabases("the tail", (fresh, dialect) => {
  journalTailContract(dialect, async () => {
    const given = await fresh();
    const writer = await JournalWriter.open(given.db);
    let flights = 0;
    return {
      tail: new JournalTailStore(given.db),
      addFlights: async (count) => {
        const added = Array.from({ length: count }, () => `PG-${String(++flights).padStart(4, "0")}-20300131-ICN`);
        for (const flightId of added) await publishPlan(given.db, givenPlan({ flightId }));
        return added;
      },
      commit: async (flightId, ...entries) => {
        for (const types of entries) await writer.append(flightId, types);
      },
      spoil: async (flightId, version) => {
        await given.db.write
          .updateTable("journal")
          .set({ turns: "[" })
          .where("flight_id", "=", flightId)
          .where("version", "=", version)
          .execute();
      },
      close: () => given.remove(),
    };
  });
});

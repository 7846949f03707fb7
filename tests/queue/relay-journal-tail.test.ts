// Goal: the tail of the journal in SQL keeps to the contract of every tail, over entries that the real journal has committed.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite } from "../../db/open.ts";
import { JournalTailStore } from "../../db/stores/journal-tail.ts";
import { journalTailContract } from "../contract/journal-tail.ts";
import { givenPlan } from "../support/given.ts";
import { publishPlan } from "../support/given-host.ts";
import { JournalWriter } from "../support/journal-writer.ts";

journalTailContract("SQLite", async () => {
  const directory = mkdtempSync(join(tmpdir(), "journal-tail-"));
  const database = await openSqlite(join(directory, "pigonair.sqlite"));
  const writer = await JournalWriter.open(database);
  let flights = 0;
  return {
    tail: new JournalTailStore(database),
    addFlights: async (count) => {
      const added = Array.from({ length: count }, () => `PG-${String(++flights).padStart(4, "0")}-20300131-ICN`);
      for (const flightId of added) await publishPlan(database, givenPlan({ flightId }));
      return added;
    },
    commit: async (flightId, ...entries) => {
      for (const types of entries) await writer.append(flightId, types);
    },
    close: async () => {
      await database.close();
      rmSync(directory, { recursive: true });
    },
  };
});

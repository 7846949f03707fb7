/** Goal: the journal keeps to its contract on SQLite and on MySQL, and leaves the same rows in both. */

import { expect, test } from "bun:test";
import { journalCommitContract } from "../contract/journal-commit.ts";
import { journalOutcomesContract } from "../contract/journal-outcomes.ts";
import { journalReadingContract } from "../contract/journal-reading.ts";
import { tellStory } from "../contract/journal-story.ts";
import {
  type FreshDatabase,
  givenMysql,
  givenMysqlAlone,
  givenMysqlInTwoTrips,
  givenSqlite,
  overDatabases,
} from "../support/given-database.ts";
import { describeWithService } from "../support/services.ts";

function journalContract(fresh: FreshDatabase): void {
  journalCommitContract(fresh);
  journalOutcomesContract(fresh);
  journalReadingContract(fresh);
}

overDatabases("journal", journalContract);
describeWithService("mariadbd", "journal on MySQL, in two round trips", () => {
  journalContract(givenMysqlInTwoTrips);
});
describeWithService("mariadbd", "journal on MySQL, many rows in a statement", () => {
  journalContract(givenMysqlAlone);
});

describeWithService("mariadbd", "journal on both", () => {
  test("the same story leaves the same rows in every table", async () => {
    const rows = await tellStory(givenSqlite);
    expect(Object.keys(rows).filter((table) => rows[table]?.length === 0)).toEqual([]);
    expect(await tellStory(givenMysql)).toEqual(rows);
    expect(await tellStory(givenMysqlInTwoTrips)).toEqual(rows);
    expect(await tellStory(givenMysqlAlone)).toEqual(rows);
  });
});

/** Goal: a program starts on the schema of a later one, so that an update can go back, and on no schema that it can't place. */

import { expect, test } from "bun:test";
import { sql } from "kysely";
import { failureOf } from "../support/failure-of.ts";
import { overDatabases } from "../support/given-database.ts";

overDatabases("a database", (fresh) => {
  test("that a later program has brought to its schema is opened as it is", async () => {
    const given = await fresh();
    await sql`insert into kysely_migration (name, timestamp) values ('9998-more', '2030-01-01T00:00:00.000Z'),
      ('9999-even-more', '2030-01-01T00:00:00.000Z')`.execute(given.db.write);
    const again = await given.again();
    await again.write.insertInto("number_block").values({ kind: "later", next_number: 7 }).execute();
    const made = await again.read.selectFrom("number_block").select("kind").where("next_number", "=", 7).execute();
    expect(made).toEqual([{ kind: "later" }]);
    const { rows } = await sql<{ name: string }>`select name from kysely_migration where name > '9'`.execute(
      again.read,
    );
    expect(rows).toHaveLength(2);
    await given.remove();
  });

  test("of something else is refused", async () => {
    const given = await fresh();
    await sql`insert into kysely_migration (name, timestamp) values ('0003-others', '2020-01-01T00:00:00.000Z')`.execute(
      given.db.write,
    );
    const failure = await failureOf(given.again());
    expect(String(failure)).toContain("0003-others");
    await given.remove();
  });
});

/** Goal: a member's reservations are found from the moment of their commit on, indexed or not, and whatever order their ids come in. */

import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import fc from "fast-check";
import { MemberIndex } from "../../db/sqlite/member-index.ts";

function givenTables(): Database {
  const database = new Database(":memory:");
  database.run("create table reservation (id text primary key, member_id text) without rowid");
  database.run(
    "create table reservation_by_member (member_id text, reservation_id text, primary key (member_id, reservation_id)) without rowid",
  );
  database.run("create table member_index_state (indexed_to text not null)");
  database.run("insert into member_index_state values ('')");
  database.run(`create view reservation_of_member as
    select member_id, reservation_id from reservation_by_member
    union select member_id, id from reservation where id > (select indexed_to from member_index_state)`);
  return database;
}

function found(database: Database, member: string): string[] {
  const rows = database
    .query<{ reservation_id: string }, [string]>(
      "select reservation_id from reservation_of_member where member_id = ? order by 1",
    )
    .all(member);
  return rows.map(({ reservation_id }) => reservation_id);
}

test("every reservation is found once, after every step, also over a restart and with a clock that was set back", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("make" as const), id: fc.nat(400), member: fc.nat(4) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("quiet" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("undo" as const) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const database = givenTables();
      let index = new MemberIndex(database);
      const expected = new Map<string, string>();
      for (const each of steps) {
        if (each.kind === "restart") index = new MemberIndex(database);
        if (each.kind === "undo") index.undone();
        if (each.kind === "quiet") index.whenQuiet();
        if (each.kind === "make") {
          const id = `r${String(each.id).padStart(3, "0")}`;
          if (expected.has(id)) continue;
          expected.set(id, `m${each.member}`);
          database.run("insert into reservation values (?, ?)", [id, `m${each.member}`]);
          index.made(id, `m${each.member}`);
          index.withCommit();
        }
        for (let member = 0; member <= 4; member++) {
          const own = [...expected].filter(([, of]) => of === `m${member}`).map(([id]) => id);
          expect(found(database, `m${member}`)).toEqual(own.toSorted((a, b) => (a < b ? -1 : 1)));
        }
      }
      database.close();
    }),
    { numRuns: 200 },
  );
});

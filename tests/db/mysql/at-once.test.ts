/** Goal: a server that can't run a whole transaction as one statement loses nothing by being asked to, and is soon asked no more. */

import { expect, test } from "bun:test";
import { MysqlFailure } from "../../../db/mysql/failures.ts";
import { MysqlJournal } from "../../../db/stores/mysql-journal.ts";
import { givenMysql } from "../../support/given-database.ts";
import { GivenJournal, GivenOwner } from "../../support/given-journal.ts";
import { describeWithService } from "../../support/services.ts";

describeWithService("mariadbd", "small batches in one round trip", () => {
  test("are committed in two where the server can't, and after a few times at once so", async () => {
    const given = await GivenJournal.open(givenMysql);
    const db = given.given.db;
    if (db.dialect !== "mysql") throw new Error("a database of MySQL was given");
    let asked = 0;
    const refusing = {
      ...db,
      dedicated() {
        const connection = db.dedicated();
        const open = connection.session.bind(connection);
        connection.session = async () =>
          Object.defineProperty(await open(), "atOnce", {
            configurable: true,
            value: async () => {
              asked += 1;
              return new MysqlFailure("ER_UNSUPPORTED_PS", "wrong", "not supported as a prepared statement");
            },
          });
        return connection;
      },
    };
    const owner = await GivenOwner.takeOver(given.given, new MysqlJournal(refusing));
    const flight = await given.newFlight();
    for (const seat of ["1A", "1B", "1C", "2A", "2B"]) {
      flight.hold([seat]);
      await owner.commit(flight.write());
    }
    expect(asked).toBe(3);
    expect(await given.entriesOf(flight.flightId)).toHaveLength(5);
    await given.close();
  });
});

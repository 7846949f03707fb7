// Goal: the rooms in SQLite and in MySQL keep to the contract of every book of rooms, on the connections that the server has.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenDatabase, openMysql, openSqlite } from "../../../db/open.ts";
import { RoomStateStore } from "../../../db/stores/room-state.ts";
import { type RoomBookUnderTest, roomBookContract } from "../../contract/room-book.ts";
import { MysqlServer } from "../../support/given-mysql.ts";
import { describeWithService } from "../../support/services.ts";

function underTest(database: OpenDatabase, close: () => Promise<void>): RoomBookUnderTest {
  return {
    book: new RoomStateStore(database),
    async reserve(id, flightId, member, atMs) {
      const nothing = { pnr: "ABCDEF", status: "HELD", passengers: "[]", total_amount: 1, currency: "KRW" };
      await database.write
        .insertInto("reservation")
        .values({ id, flight_id: flightId, member_id: member, created_at_ms: atMs, expires_at_ms: 0, ...nothing })
        .execute();
    },
    close,
  };
}

roomBookContract("SQLite", async () => {
  const directory = mkdtempSync(join(tmpdir(), "pigonair-test-"));
  const database = await openSqlite(join(directory, "pigonair.sqlite"));
  return underTest(database, async () => {
    await database.close();
    rmSync(directory, { recursive: true });
  });
});

describeWithService("mariadbd", "MySQL", () => {
  roomBookContract("MySQL", async () => {
    const server = await MysqlServer.shared();
    const database = await openMysql(await server.freshDatabase());
    return underTest(database, () => database.close());
  });
});

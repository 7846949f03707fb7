/** Goal: a database that may forget what it has acknowledged is noticed, and the setting that would mend it named. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { durabilityProblem } from "../../db/durability.ts";
import { type OpenMysql, openMysql } from "../../db/open.ts";
import { givenSqlite } from "../support/given-database.ts";
import { MysqlServer } from "../support/given-mysql.ts";
import { describeWithService } from "../support/services.ts";

test("durabilityProblem() has nothing to say of a file", async () => {
  const given = await givenSqlite();
  expect(await durabilityProblem(given.db)).toBeNull();
  await given.remove();
});

describeWithService("mariadbd", "durabilityProblem()", () => {
  let server: MysqlServer;
  let db: OpenMysql;

  beforeAll(async () => {
    // With a log of what was written, as replication needs it; named last, it wins over the helper's own setting.
    server = await MysqlServer.start({ options: ["--log-bin=binlog", "--server-id=1", "--sync-binlog=1"] });
    db = await openMysql(await server.freshDatabase());
  });
  afterAll(async () => {
    await db.close();
    await server.remove();
  });

  test("has nothing to say of a server that flushes at each commit", async () => {
    const [log] = await server.run("select @@log_bin as isOn");
    expect(Number(log?.isOn)).toBe(1);
    expect(await durabilityProblem(db)).toBeNull();
  });

  test.each(["0", "2"])("names innodb_flush_log_at_trx_commit when it is %s", async (value) => {
    await server.run(`set global innodb_flush_log_at_trx_commit = ${value}`);
    expect(await durabilityProblem(db)).toContain(`innodb_flush_log_at_trx_commit is ${value}, and must be 1`);
    await server.run("set global innodb_flush_log_at_trx_commit = 1");
    expect(await durabilityProblem(db)).toBeNull();
  });

  test("names sync_binlog when there is a log that is not flushed", async () => {
    await server.run("set global sync_binlog = 0");
    expect(await durabilityProblem(db)).toContain("sync_binlog is 0, and must be 1");
    await server.run("set global sync_binlog = 1");
  });

  test("names a format of the log that takes no commits of ours", async () => {
    await server.run("set global binlog_format = 'STATEMENT'");
    expect(await durabilityProblem(db)).toContain("binlog_format is STATEMENT");
    await server.run("set global binlog_format = 'ROW'");
    expect(await durabilityProblem(db)).toBeNull();
  });
});

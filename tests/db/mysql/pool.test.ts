/** Goal: what is read and written outside the lane is bounded in time, comes back by itself, and never finds another's transaction open. */

import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { sql } from "kysely";
import { OperationalError } from "../../../actors/errors.ts";
import { MysqlFailure } from "../../../db/mysql/failures.ts";
import { type OpenMysql, openMysql } from "../../../db/open.ts";
import { problemOf } from "../../../http/problem.ts";
import { failureOf } from "../../support/failure-of.ts";
import { givenMysql } from "../../support/given-database.ts";
import { describeWithService } from "../../support/services.ts";
import { TcpProxy } from "../../support/tcp-proxy.ts";
import { until } from "../../support/until.ts";

describeWithService("mariadbd", "the pool of MySQL", () => {
  let given: Awaited<ReturnType<typeof givenMysql>>;
  let proxy: TcpProxy;
  const opened: OpenMysql[] = [];

  beforeAll(async () => {
    given = await givenMysql();
    proxy = new TcpProxy({ to: given.server.port });
  });
  afterEach(async () => {
    proxy.mend();
    for (const db of opened.splice(0)) await db.close();
  });
  afterAll(async () => {
    // First, or the server would keep what the silent one left open, and the tables with it.
    await proxy.stop();
    await given.remove();
  });

  /** The same database behind the proxy. */
  async function behind(limits: Parameters<typeof openMysql>[1] = {}): Promise<OpenMysql> {
    const db = await openMysql(given.server.url(new URL(given.url).pathname.slice(1), proxy.port), limits);
    opened.push(db);
    return db;
  }

  const look = ({ read }: OpenMysql) => read.selectFrom("shards").select("shard").limit(1).execute();

  test("reads large numbers to the last digit, however they are compared", async () => {
    const { read } = given.db;
    const { rows } = await sql<{ large: string; small: number }>`
      select 9007199254740993 as large, cast(7 as signed) + 0 as small`.execute(read);
    expect(String(rows[0]?.large)).toBe("9007199254740993");
  });

  test("says how many rows it found, whether they changed or not", async () => {
    const touch = () =>
      given.db.write
        .updateTable("shards")
        .set({ owner: null })
        .where("shard", "in", [1, 2, 3])
        .executeTakeFirstOrThrow();
    expect((await touch()).numUpdatedRows).toBe(3n);
    expect((await touch()).numUpdatedRows).toBe(3n);
  });

  test("keeps values apart from statements, whatever they look like", async () => {
    const { write } = given.db;
    const texts = [
      "'",
      "\\",
      "\\'; drop table shards; --",
      '"',
      "`",
      "%_",
      "\u0000\n\r\u001a",
      "김민지 👩🏽‍✈️",
      "?",
      ":a",
    ];
    for (const [ordinal, name] of texts.entries()) {
      await write
        .insertInto("passenger")
        .values({ reservation_id: "texts", ordinal, name, birth_date: null })
        .execute();
      const found = write.selectFrom("passenger").select("ordinal").where("reservation_id", "=", "texts");
      expect(await found.where("name", "=", name).execute()).toEqual([{ ordinal }]);
    }
    const rows = await write.selectFrom("passenger").select("name").where("reservation_id", "=", "texts").execute();
    expect(rows.map(({ name }) => name)).toEqual(texts);
  });

  test("sends a long text apart from its statement, letter for letter: escaped, it would cost more than all else", async () => {
    await given.db.write.connection().execute(async (one) => {
      const executed = async (): Promise<number> => {
        const { rows } = await sql<{ Value: string }>`show session status like 'Com_stmt_execute'`.execute(one);
        return Number(rows[0]?.Value);
      };
      const keep = async (flight_id: string, state: string): Promise<void> => {
        await one.insertInto("snapshot").values({ flight_id, version: 7, state }).execute();
        const look = one.selectFrom("snapshot").select(["version", "state"]).where("flight_id", "=", flight_id);
        const kept = await look.executeTakeFirst();
        expect([Number(kept?.version), kept?.state]).toEqual([7, state]);
      };
      const text = "'\\\"`?:a%_\u0000\n\r\u001a\\'; drop table shards; -- 김민지 👩🏽‍✈️";
      await keep("short", text);
      expect(await executed()).toBe(0);
      await keep("long", text.repeat(5_000));
      expect(await executed()).toBe(1);
    });
  });

  test("lets nothing but strings, numbers and null get into a statement", async () => {
    // As a body that was not checked would try it: an object becomes a piece of SQL in some connectors.
    for (const value of [{ shard: 1 }, [1, 2], Number.NaN, new Date(0), undefined, true]) {
      const failure = await failureOf(sql`select shard from shards where shard = ${value}`.execute(given.db.read));
      expect(String(failure)).toContain("what goes to SQL");
    }
  });

  test("gives what the data breaks as itself, with the key and without the value", async () => {
    const add = () =>
      given.db.write
        .insertInto("passenger")
        .values({ reservation_id: "double", ordinal: 0, name: "Kim", birth_date: null })
        .execute();
    await add();
    const failure = await failureOf(add());
    expect(failure).toBeInstanceOf(MysqlFailure);
    expect((failure as MysqlFailure).code).toBe("ER_DUP_ENTRY");
    expect((failure as MysqlFailure).message).not.toContain("double");
    expect(JSON.stringify(failure)).not.toContain("Kim");
  });

  test("tells callers that a server that is away is unavailable, and is back by itself when the server is", async () => {
    const db = await behind();
    await look(db);
    proxy.down();
    for (let tries = 0; tries < 12; tries++) {
      const failure = await failureOf(look(db));
      expect(failure).toBeInstanceOf(OperationalError);
      const { status, code, extras } = problemOf(failure);
      expect({ status, code, extras }).toEqual({ status: 503, code: "UNAVAILABLE", extras: { retryable: true } });
    }
    proxy.mend();
    expect(await look(db)).toHaveLength(1);
  });

  test("ends in time what a silent server leaves unanswered", async () => {
    const db = await behind({ limits: { statementMsMax: 300, waitMsMax: 300, connectionsMax: 2 } });
    await look(db);
    proxy.pause();
    const beganMs = performance.now();
    const failures = await Promise.all(Array.from({ length: 6 }, () => failureOf(look(db))));
    expect(performance.now() - beganMs).toBeLessThan(2_500);
    for (const failure of failures) expect(failure).toBeInstanceOf(OperationalError);
    proxy.mend();
    await until(async () => (await failureOf(look(db))) === undefined, "an answer");
  });

  test("bounds those that wait for a connection, in time and in number", async () => {
    const db = await behind({ limits: { connectionsMax: 1, waitingMax: 3, waitMsMax: 200 } });
    const release = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    const holding = db.read.connection().execute(() => {
      taken.resolve();
      return release.promise;
    });
    await taken.promise;
    const failures = await Promise.all(Array.from({ length: 5 }, () => failureOf(look(db))));
    for (const failure of failures) expect(failure).toBeInstanceOf(OperationalError);
    release.resolve();
    await holding;
    // Whoever waited too long has not taken the connection with them.
    expect(await look(db)).toHaveLength(1);
  });

  test("hands on no connection on which a transaction is still open", async () => {
    const db = await behind({ limits: { connectionsMax: 1 } });
    const open = async () => (await sql<{ id: number }>`select connection_id() as id`.execute(db.read)).rows[0]?.id;
    const before = await open();
    // A callback that ends is committed, and the connection goes on.
    await db.write.transaction().execute((transaction) => transaction.selectFrom("shards").selectAll().execute());
    expect(await open()).toBe(before);
    // One that throws is undone, and the connection goes on.
    const thrown = await failureOf(
      db.write.transaction().execute(async (transaction) => {
        await transaction.updateTable("shards").set({ owner: "somebody" }).where("shard", "=", 1).execute();
        throw new Error("no");
      }),
    );
    expect(String(thrown)).toContain("no");
    expect(await open()).toBe(before);
    const { owner } = await db.read
      .selectFrom("shards")
      .select("owner")
      .where("shard", "=", 1)
      .executeTakeFirstOrThrow();
    expect(owner).toBeNull();
    // One that can't be undone takes its connection with it.
    const rollback = proxy.breakAt("rollback", "silent");
    const hung = await behind({ limits: { connectionsMax: 1, statementMsMax: 300 } });
    const failed = failureOf(
      hung.write.transaction().execute(async (transaction) => {
        await transaction.updateTable("shards").set({ owner: "somebody" }).where("shard", "=", 2).execute();
        throw new Error("no");
      }),
    );
    await rollback;
    expect(String(await failed)).toContain("no");
    const rows = await hung.read.selectFrom("shards").select("owner").where("shard", "=", 2).execute();
    expect(rows).toEqual([{ owner: null }]);
  });

  test("tells a deadlock and a long wait for a lock as unavailable: the same again may go through", async () => {
    const other = await given.db.write.startTransaction().execute();
    await other.updateTable("shards").set({ owner: "other" }).where("shard", "=", 9).execute();
    const db = await behind();
    const failure = await failureOf(
      db.write.updateTable("shards").set({ owner: "me" }).where("shard", "=", 9).execute(),
    );
    await other.rollback().execute();
    expect(failure).toBeInstanceOf(OperationalError);
    expect((failure as OperationalError).cause).toMatchObject({ code: "ER_LOCK_WAIT_TIMEOUT" });
  });
});

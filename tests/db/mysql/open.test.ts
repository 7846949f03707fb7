/** Goal: a database is opened by many processes at once, gone on with where a start was cut off, reached by verified TLS, and refused with a clear word. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { durabilityProblem } from "../../../db/durability.ts";
import { openMysql } from "../../../db/open.ts";
import { FlightPublisher } from "../../../db/stores/flight-publisher.ts";
import { MysqlShards } from "../../../db/stores/mysql-shards.ts";
import { workerLockOn } from "../../../db/stores/worker-lock.ts";
import { systemClock } from "../../../db/system-clock.ts";
import { makeAuthority, makeCertificate } from "../../support/certificates.ts";
import { failureOf } from "../../support/failure-of.ts";
import { plannedFlight } from "../../support/given-catalogue.ts";
import { MysqlServer } from "../../support/given-mysql.ts";
import { describeWithService } from "../../support/services.ts";
import { TcpProxy } from "../../support/tcp-proxy.ts";

async function tablesOf(url: string): Promise<string[]> {
  const db = await openMysql(url);
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = database() order by 1`.execute(
    db.read,
  );
  await db.close();
  return rows.map(({ name }) => name);
}

describeWithService("mariadbd", "opening a database of MySQL", () => {
  let server: MysqlServer;

  beforeAll(async () => {
    server = await MysqlServer.shared();
  });

  test("several processes at once make the tables once", async () => {
    const url = await server.freshDatabase();
    const opened = await Promise.all(Array.from({ length: 4 }, () => openMysql(url)));
    const counts = await Promise.all(
      opened.map(({ read }) =>
        read
          .selectFrom("shards")
          .select(({ fn }) => fn.countAll<string>().as("count"))
          .executeTakeFirstOrThrow(),
      ),
    );
    expect(counts.map(({ count }) => Number(count))).toEqual([256, 256, 256, 256]);
    await Promise.all(opened.map((db) => db.close()));
  });

  test("goes on with the tables where an earlier start was cut off, wherever that was", async () => {
    const whole = await tablesOf(await server.freshDatabase());
    for (const words of [
      "create table `shards`",
      "insert into `shards`",
      "create table `journal`",
      "create view",
      "create index `ticket_by_number`",
    ]) {
      const url = await server.freshDatabase();
      const proxy = new TcpProxy({ to: server.port });
      const broken = proxy.breakAt(words, "after");
      const failure = await failureOf(openMysql(server.url(new URL(url).pathname.slice(1), proxy.port)));
      await broken;
      expect(String(failure)).toContain("can't be used");
      await proxy.stop();
      expect(await tablesOf(url)).toEqual(whole);
      const db = await openMysql(url);
      const { count } = await db.read
        .selectFrom("shards")
        .select(({ fn }) => fn.countAll<string>().as("count"))
        .executeTakeFirstOrThrow();
      expect(Number(count)).toBe(256);
      await db.close();
    }
  });

  test("says which database can't be used, and why, and never the password", async () => {
    const nowhere = await failureOf(openMysql("mysql://u:secret-word@127.0.0.1:1/pigonair"));
    expect(String(nowhere)).toContain("pigonair at 127.0.0.1:1 can't be used");
    expect(String(nowhere)).toContain("ECONNREFUSED");
    const url = new URL(await server.freshDatabase());
    url.password = "secret-word";
    const refused = await failureOf(openMysql(url.href));
    expect(String(refused)).toContain("Access denied");
    const missing = await failureOf(openMysql(server.url("no_such_database")));
    expect(String(missing)).toContain("no_such_database");
    for (const failure of [nowhere, refused, missing]) expect(String(failure)).not.toContain("secret-word");
  });

  test("needs no right beyond its own database", async () => {
    const url = new URL(await server.freshDatabase());
    const user = `u_${Bun.randomUUIDv7().replaceAll("-", "").slice(-16)}`;
    await server.run(`create user '${user}'@'%' identified by 'a word'`);
    await server.run(`grant all on ${url.pathname.slice(1)}.* to '${user}'@'%'`);
    url.username = user;
    url.password = "a word";
    const db = await openMysql(url.href);
    const shards = new MysqlShards(db);
    const incarnation = Bun.randomUUIDv7();
    await shards.register({ incarnation, hostId: "host", weight: 1, minReader: 1 }, true);
    expect((await shards.claim([1], incarnation)).size).toBe(1);
    expect((await new FlightPublisher(db.write, db.dialect).publish([plannedFlight()])).added).toBe(1);
    const held = await workerLockOn(db, systemClock()).take("mail");
    await held?.release();
    expect(held).not.toBeNull();
    expect(await durabilityProblem(db)).toBeNull();
    await db.close();
    await server.run(`drop user '${user}'@'%'`);
  });

  test("keeps what a database is called apart from SQL", async () => {
    const name = "t_odd-name";
    await server.run(`create database \`${name}\``);
    expect((await tablesOf(server.url(name))).length).toBeGreaterThan(10);
    await server.run(`drop database \`${name}\``);
  });
});

describeWithService("mariadbd", "TLS to MySQL", () => {
  let folder: string;
  let server: MysqlServer;
  let ca: string;
  let otherCa: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pigonair-tls-"));
    const authority = makeAuthority(folder);
    const { cert, key } = makeCertificate(folder, "server", authority);
    ca = authority.cert;
    otherCa = makeAuthority(folder, "other").cert;
    server = await MysqlServer.start({
      options: [`--ssl-ca=${ca}`, `--ssl-cert=${cert}`, `--ssl-key=${key}`, "--require-secure-transport=on"],
      tlsCa: ca,
    });
  });
  afterAll(async () => {
    await server.remove();
    rmSync(folder, { recursive: true });
  });

  test("with the authority of the server, everything goes encrypted", async () => {
    const db = await openMysql(await server.freshDatabase(), { tlsCaFile: ca });
    const { rows } = await sql<{ Value: string }>`show session status like 'Ssl_cipher'`.execute(db.read);
    expect(rows[0]?.Value).not.toBe("");
    const lane = await db.dedicated().session();
    const { rows: cipher } = await lane.one({ sql: "show session status like 'Ssl_cipher'" }, 1_000);
    expect(cipher[0]?.[1]).not.toBe("");
    expect(await new MysqlShards(db).nowMs()).toBeGreaterThan(0);
    await db.close();
  });

  test.each([["another authority", () => otherCa]])("with %s nothing is sent", async (_, file) => {
    const failure = await failureOf(openMysql(server.url("mysql"), { tlsCaFile: file() }));
    expect(String(failure)).toContain("can't be used");
    expect(String(failure)).toContain("certificate");
  });

  test("a certificate for another place is refused, by the pool and by dedicated connections", async () => {
    const url = server.url("mysql").replace("127.0.0.1", "127.0.0.2");
    const failure = await failureOf(openMysql(url, { tlsCaFile: ca }));
    expect(String(failure)).toContain("127.0.0.2");
  });

  test("a server without TLS is refused where TLS is asked for", async () => {
    const plain = await MysqlServer.start({ options: [server.isMariaDb ? "--skip-ssl" : "--tls-version="] });
    const failure = await failureOf(openMysql(plain.url("mysql"), { tlsCaFile: ca }));
    expect(String(failure)).toContain("secure connection");
    await plain.remove();
  });

  test("a file that is no certificate, or none, is named", async () => {
    const empty = join(folder, "empty.pem");
    writeFileSync(empty, "nothing");
    expect(String(await failureOf(openMysql(server.url("mysql"), { tlsCaFile: empty })))).toContain("DATABASE_TLS_CA");
    const missing = join(folder, "missing.pem");
    expect(String(await failureOf(openMysql(server.url("mysql"), { tlsCaFile: missing })))).toContain(
      "DATABASE_TLS_CA",
    );
  });
});

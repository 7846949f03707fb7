/** Owns empty databases for tests, and suites that run over SQLite and over MySQL alike. */

import { describe } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ownership } from "../../actors/shards.ts";
import type { DialectName } from "../../db/migrations/dialect.ts";
import { type OpenDatabase, type OpenMysql, openMysql, openSqlite } from "../../db/open.ts";
import type { DatabaseAddress } from "../../db/store.ts";
import { MysqlShards } from "../../db/stores/mysql-shards.ts";
import { sqliteShards } from "../../db/stores/sqlite-shards.ts";
import { NOW_MS } from "./given.ts";
import { MysqlServer } from "./given-mysql.ts";
import { describeWithService } from "./services.ts";

export interface GivenDatabase<Db extends OpenDatabase = OpenDatabase> {
  readonly db: Db;
  /** As the program is given it. */
  readonly address: DatabaseAddress;
  /** Opens the same database once more, as another process would. */
  again(): Promise<Db>;
  /** Closes the first handle and those of {@link again}, and leaves nothing behind. */
  remove(): Promise<void>;
}

export type FreshDatabase = () => Promise<GivenDatabase>;

/** Runs a suite over an empty database of each kind. The one over MySQL is left out, with a word, where no server is installed. */
export function overDatabases(suite: string, body: (fresh: FreshDatabase, dialect: DialectName) => void): void {
  describe(`${suite} on SQLite`, () => body(givenSqlite, "sqlite"));
  describeWithService("mariadbd", `${suite} on MySQL`, () => body(givenMysql, "mysql"));
}

export async function givenSqlite(): Promise<GivenDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "pigonair-test-"));
  const file = join(folder, "pigonair.sqlite");
  return await given(
    { kind: "sqlite", file },
    () => openSqlite(file),
    () => rmSync(folder, { recursive: true, force: true }),
  );
}

/** A database of its own on the server that the tests of this process share. */
export function givenMysql() {
  return freshMysql((db) => db);
}

/** The same, on a server that can do no more than MySQL can. */
export function givenMysqlAlone() {
  return freshMysql((db) => without(db, "takesCompounds", "takesBulk"));
}

/** The same, where every commit takes two round trips, as that of a large batch does. */
export function givenMysqlInTwoTrips() {
  return freshMysql((db) => without(db, "takesCompounds"));
}

/** The database as if its server could not do these things. */
export function without(db: OpenMysql, ...abilities: readonly ("takesBulk" | "takesCompounds")[]): OpenMysql {
  return {
    ...db,
    dedicated(openMsMax) {
      const connection = db.dedicated(openMsMax);
      const open = connection.session.bind(connection);
      connection.session = async () => {
        const session = await open();
        for (const ability of abilities) Object.defineProperty(session, ability, { value: false });
        return session;
      };
      return connection;
    },
  };
}

async function freshMysql(as: (db: OpenMysql) => OpenMysql) {
  const server = await MysqlServer.shared();
  const url = await server.freshDatabase();
  const database = await given(
    { kind: "mysql", url, tlsCa: null },
    async () => as(await openMysql(url)),
    async () => void (await server.run(`drop database ${new URL(url).pathname.slice(1)}`)),
  );
  return { ...database, server, url };
}

async function given<Db extends OpenDatabase>(
  address: DatabaseAddress,
  open: () => Promise<Db>,
  clean: () => void | Promise<void>,
): Promise<GivenDatabase<Db>> {
  const handles: Db[] = [];
  const again = async (): Promise<Db> => {
    const db = await open();
    handles.push(db);
    return db;
  };
  return {
    db: await again(),
    address,
    again,
    async remove() {
      for (const db of handles) await db.close();
      await clean();
    },
  };
}

const shardsOf = new WeakMap<OpenDatabase, MysqlShards>();

/** Makes the incarnation the owner of every shard, whoever owned them. */
export async function ownAllShards(db: OpenDatabase, incarnation: string, nowMs = NOW_MS): Promise<Ownership> {
  if (db.dialect === "sqlite") return await sqliteShards(db.write).claimAll(incarnation, "test", nowMs);
  // Who was there is gone, as far as the others can see.
  await db.write.updateTable("hosts").set({ expires_at: 0 }).where("incarnation", "!=", incarnation).execute();
  const shards = shardsOf.get(db) ?? new MysqlShards(db);
  shardsOf.set(db, shards);
  await shards.register({ incarnation, hostId: "test", weight: 1, minReader: 1 }, true);
  return await shards.claim(
    Array.from({ length: 256 }, (_, shard) => shard),
    incarnation,
  );
}

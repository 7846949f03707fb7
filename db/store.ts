/** Owns the choice of the database: every port of the product that needs one, over SQLite or over MySQL, as the address says. */

import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { Journal } from "../actors/journal.ts";
import type { NumberBlocks } from "../actors/numbers.ts";
import type { Shards } from "../actors/own-shards.ts";
import { usedAs } from "../actors/settings.ts";
import { SqlCheckups } from "./doctor/checkup.ts";
import { durabilityProblem } from "./durability.ts";
import { LONG_STATEMENT_MS_MAX, type OpenDatabase, openMysql, openSqlite } from "./open.ts";
import { SqlAdminReader } from "./read/admin.ts";
import { SqlCatalogueReader } from "./read/catalogue.ts";
import { SqlReservationReader } from "./read/reservations.ts";
import { takeServerLock } from "./sqlite/server-lock.ts";
import { SqlAccountStore } from "./stores/accounts.ts";
import { FlightPublisher } from "./stores/flight-publisher.ts";
import { JournalTailStore } from "./stores/journal-tail.ts";
import { MailDirectoryStore } from "./stores/mail-directory.ts";
import { MysqlJournal, type MysqlJournalOptions } from "./stores/mysql-journal.ts";
import { MysqlShards } from "./stores/mysql-shards.ts";
import { numberBlocks } from "./stores/number-blocks.ts";
import { PaymentStore } from "./stores/payments.ts";
import { RoomStateStore } from "./stores/room-state.ts";
import { SqliteJournal } from "./stores/sqlite-journal.ts";
import { sqliteShards } from "./stores/sqlite-shards.ts";

/** Where the truth is kept. */
export type DatabaseAddress =
  | { readonly kind: "sqlite"; readonly file: string }
  | {
      readonly kind: "mysql";
      readonly url: string;
      /** File of the certificates that the server is verified with; null leaves the way unencrypted. */
      readonly tlsCa: string | null;
    };

export interface Store {
  readonly db: OpenDatabase;
  readonly shards: Shards;
  readonly journal: Journal;
  readonly numbers: NumberBlocks;
  readonly tail: JournalTailStore;
  readonly checkups: SqlCheckups;
  readonly payments: PaymentStore;
  readonly mail: MailDirectoryStore;
  readonly rooms: RoomStateStore;
  readonly accounts: SqlAccountStore;
  readonly catalogue: SqlCatalogueReader;
  readonly reservations: SqlReservationReader;
  readonly admin: SqlAdminReader;
  readonly publisher: FlightPublisher;
  /** What is wrong with the database, or null: asked by a transaction that could write. @throws what it says when it does not answer */
  check(): Promise<string | null>;
  close(): Promise<void>;
}

/**
 * Opens the database for a server.
 * @param who names this server to another one that finds the file taken
 * @param options of a MySQL server's journal
 * @throws ServerRunning when another server has the file; Error that says which database can't be used, and why
 */
export async function openStore(
  address: DatabaseAddress,
  who: string,
  options: MysqlJournalOptions = {},
): Promise<Store> {
  if (address.kind === "mysql") {
    const db = await openMysql(address.url, { tlsCaFile: address.tlsCa });
    const problem = await durabilityProblem(db);
    if (problem !== null) throw new Error(problem);
    const shards: Shards = { kind: "cluster", store: new MysqlShards(db) };
    return { ...portsOver(db), shards, journal: new MysqlJournal(db, options), close: () => db.close() };
  }
  makeFile(address.file);
  const lock = takeServerLock(address.file, who);
  const db = await openSqlite(address.file);
  return {
    ...portsOver(db),
    shards: { kind: "server", store: sqliteShards(db.write) },
    journal: new SqliteJournal(db.writer, db.read, db.write),
    async close() {
      await db.close();
      lock.release();
    },
  };
}

/** Opens the database beside a server, for a command. @throws as {@link openStore}, but never for a server that runs */
export async function openBeside(address: DatabaseAddress): Promise<OpenDatabase> {
  if (address.kind === "mysql") {
    return openMysql(address.url, { tlsCaFile: address.tlsCa, limits: { statementMsMax: LONG_STATEMENT_MS_MAX } });
  }
  makeFile(address.file);
  return openSqlite(address.file);
}

/** SQLite itself says of a file that can't be made neither which one nor why. */
function makeFile(file: string): void {
  usedAs("DATABASE_URL", () => {
    mkdirSync(dirname(file), { recursive: true });
    closeSync(openSync(file, "a"));
  });
}

function portsOver(db: OpenDatabase): Omit<Store, "shards" | "journal" | "close"> {
  return {
    db,
    numbers: numberBlocks(db.write),
    tail: new JournalTailStore(db),
    checkups: new SqlCheckups(db.read),
    payments: new PaymentStore(db),
    mail: new MailDirectoryStore(db),
    rooms: new RoomStateStore(db),
    accounts: new SqlAccountStore(db),
    catalogue: new SqlCatalogueReader(db.read),
    reservations: new SqlReservationReader(db.read),
    admin: new SqlAdminReader(db.read),
    publisher: new FlightPublisher(db.write, db.dialect),
    async check() {
      await db.write.transaction().execute((write) => write.selectFrom("shards").select("shard").limit(1).execute());
      return await durabilityProblem(db);
    },
  };
}

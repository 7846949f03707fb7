/** Owns `bun main.ts doctor [--rebuild]`: whether the database is what its journals say, for people and for scripts. */

import { existsSync } from "node:fs";
import { sql, type Transaction } from "kysely";
import { AssertionFailure } from "../../actors/assert.ts";
import { type FlightId, shardOf } from "../../actors/domain/ids.ts";
import { LONG_STATEMENT_MS_MAX, type OpenDatabase, openMysql, openSqlite } from "../open.ts";
import type { Database } from "../schema.ts";
import { ServerRunning, takeServerLock } from "../sqlite/server-lock.ts";
import type { DatabaseAddress } from "../store.ts";
import { systemClock } from "../system-clock.ts";
import { systemEntropy } from "../system-entropy.ts";
import { Caretaker, HostsServe } from "./caretaker.ts";
import { examine } from "./examine.ts";
import { mendMemberIndex } from "./member-index.ts";
import { rebuildFlight, removeStrays } from "./rebuild.ts";

/** Findings that are printed; the rest is counted. */
const FINDINGS_MAX = 200;

/** Flights between two lines of progress. */
const PROGRESS_FLIGHTS = 2_000;

export interface DoctorOptions {
  readonly database: DatabaseAddress;
  readonly rebuild: boolean;
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
}

/** Asked within each transaction of a rebuild: throws unless nobody else may write the flight until it ends. */
type Held = (transaction: Transaction<Database>, flightId: FlightId) => Promise<void>;

/** @returns the exit code: 0 when all agrees, 1 when something differed, 2 when it could not look */
export async function runDoctorOn({ database, rebuild, print, printError }: DoctorOptions): Promise<number> {
  if (database.kind === "sqlite" && !existsSync(database.file)) {
    printError(`There is no database at ${database.file}.`);
    return 2;
  }
  try {
    const release = rebuild && database.kind === "sqlite" ? takeFile(database.file) : () => {};
    try {
      const db = await open(database);
      try {
        if (rebuild) await remake(db, print);
        return report(await look(db, printError), print);
      } finally {
        await db.close();
      }
    } finally {
      release();
    }
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof AssertionFailure) throw cause;
    const isServed = cause instanceof ServerRunning || cause instanceof HostsServe;
    printError(isServed ? `${cause.message} Stop it before its projections are made anew.` : cause.message);
    return 2;
  }
}

function open(database: DatabaseAddress): Promise<OpenDatabase> {
  if (database.kind === "sqlite") return openSqlite(database.file);
  return openMysql(database.url, { tlsCaFile: database.tlsCa, limits: { statementMsMax: LONG_STATEMENT_MS_MAX } });
}

/** Projections are made anew only while nobody writes them. */
function takeFile(file: string): () => void {
  const lock = takeServerLock(file, `doctor --rebuild, process ${process.pid}`);
  return () => lock.release();
}

function look(db: OpenDatabase, printError: (line: string) => void) {
  return examine(db.read, {
    hasMemberIndex: db.dialect === "sqlite",
    progress: (done, of) => {
      if (done > 0 && done % PROGRESS_FLIGHTS === 0) printError(`${done} of ${of} flights`);
    },
  });
}

async function remake(db: OpenDatabase, print: (line: string) => void): Promise<void> {
  if (db.dialect === "sqlite") {
    await remakeHeld(db, () => Promise.resolve(), print);
    return;
  }
  const caretaker = await Caretaker.begin(db, systemClock(), systemEntropy());
  try {
    await remakeHeld(db, (transaction, flightId) => hold(caretaker, transaction, flightId), print);
  } finally {
    await caretaker.end();
  }
}

/** A host that takes over waits for this transaction, and nothing of it happens after that. */
async function hold({ ownership, incarnation }: Caretaker, transaction: Transaction<Database>, flightId: FlightId) {
  const shard = shardOf(flightId);
  const owned = await transaction
    .selectFrom("shards")
    .select("shard")
    .where("shard", "=", shard)
    .where("owner", "=", incarnation)
    .where("epoch", "=", ownership.get(shard) ?? -1)
    .modifyEnd(sql`lock in share mode`)
    .executeTakeFirst();
  if (owned === undefined) throw new Error("A host has begun to serve the flights: the rest was not made anew.");
}

async function remakeHeld(db: OpenDatabase, held: Held, print: (line: string) => void): Promise<void> {
  let rebuilt = 0;
  let contradicted = 0;
  await examine(db.read, {
    rebuild: async (flightId, replayed) => {
      await rebuildFlight(db.write, flightId, replayed, held);
      rebuilt += 1;
    },
    contradicted: (flightId) => {
      print(`${flightId}: not rebuilt, its journal contradicts itself`);
      contradicted += 1;
    },
  });
  if (contradicted === 0) await removeStrays(db.write);
  if (db.dialect === "sqlite") await mendMemberIndex(db.write);
  print(`The projections of ${rebuilt} flights were made anew.`);
}

function report(
  { flights, entries, reservations, findings }: Awaited<ReturnType<typeof look>>,
  print: (line: string) => void,
): number {
  for (const finding of findings.slice(0, FINDINGS_MAX)) print(finding);
  if (findings.length > FINDINGS_MAX) print(`… and ${findings.length - FINDINGS_MAX} more`);
  const seen = `${flights} flights, ${entries} journal entries, ${reservations} reservations`;
  print(findings.length === 0 ? `Clean: ${seen}.` : `${findings.length} findings in ${seen}.`);
  return findings.length === 0 ? 0 : 1;
}

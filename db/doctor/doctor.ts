/** Owns `bun main.ts doctor [--rebuild]`: whether the database is what its journals say, for people and for scripts. */

import { existsSync } from "node:fs";
import { openSqlite } from "../open.ts";
import { ServerRunning, takeServerLock } from "../sqlite/server-lock.ts";
import { examine } from "./examine.ts";
import { rebuildFlight, removeStrays } from "./rebuild.ts";

/** Findings that are printed; the rest is counted. */
const FINDINGS_MAX = 200;

/** Flights between two lines of progress. */
const PROGRESS_FLIGHTS = 2_000;

export interface DoctorOptions {
  readonly file: string;
  readonly rebuild: boolean;
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
}

/** @returns the exit code: 0 when all agrees, 1 when something differed, 2 when it could not look */
export async function runDoctor({ file, rebuild, print, printError }: DoctorOptions): Promise<number> {
  if (!existsSync(file)) {
    printError(`There is no database at ${file}.`);
    return 2;
  }
  if (!rebuild) return report(await look(file, printError), print);
  try {
    // Projections are made anew only while nobody writes them.
    const lock = takeServerLock(file, `doctor --rebuild, process ${process.pid}`);
    try {
      await remake(file, print);
      return report(await look(file, printError), print);
    } finally {
      lock.release();
    }
  } catch (cause) {
    if (!(cause instanceof ServerRunning)) throw cause;
    printError(`${cause.message} Stop it before its projections are made anew.`);
    return 2;
  }
}

async function look(file: string, printError: (line: string) => void) {
  const db = await openSqlite(file);
  try {
    return await examine(db.read, {
      progress: (done, of) => {
        if (done > 0 && done % PROGRESS_FLIGHTS === 0) printError(`${done} of ${of} flights`);
      },
    });
  } finally {
    await db.close();
  }
}

async function remake(file: string, print: (line: string) => void): Promise<void> {
  const db = await openSqlite(file);
  try {
    let rebuilt = 0;
    let contradicted = 0;
    await examine(db.read, {
      rebuild: async (flightId, replayed) => {
        await rebuildFlight(db.write, flightId, replayed);
        rebuilt += 1;
      },
      contradicted: (flightId) => {
        print(`${flightId}: not rebuilt, its journal contradicts itself`);
        contradicted += 1;
      },
    });
    if (contradicted === 0) await removeStrays(db.write);
    print(`The projections of ${rebuilt} flights were made anew.`);
  } finally {
    await db.close();
  }
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

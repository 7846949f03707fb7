/** Owns the promise of one server process a file: a lock on a second file, which the kernel frees at the holder's death. */

import { Database, SQLiteError } from "bun:sqlite";
import { readFileSync, rmSync, writeFileSync } from "node:fs";

/** Another server holds the file. The message names it. */
export class ServerRunning extends Error {
  override readonly name = "ServerRunning";
}

export interface ServerLock {
  release(): void;
}

/**
 * Takes the lock of `file`, and says in it who has it.
 * @param holder what a second server is told of this one, such as its process id and address
 * @throws ServerRunning
 */
export function takeServerLock(file: string, holder: string): ServerLock {
  const lockFile = `${file}.lock`;
  const holderFile = `${file}.holder`;
  // SQLite's own exclusive lock is an advisory lock of the kernel's, taken the same way on every system that Bun runs on.
  const lock = new Database(lockFile, { create: true });
  try {
    lock.run("pragma busy_timeout = 0");
    lock.run("pragma locking_mode = exclusive");
    lock.run("begin exclusive");
  } catch (cause) {
    lock.close();
    if (!(cause instanceof SQLiteError) || cause.code !== "SQLITE_BUSY") throw cause;
    throw new ServerRunning(`${file} is served already, by ${heldBy(holderFile)}. One server serves a file.`);
  }
  writeFileSync(holderFile, holder);
  return {
    release() {
      rmSync(holderFile, { force: true });
      lock.run("rollback");
      lock.close();
    },
  };
}

function heldBy(holderFile: string): string {
  try {
    return readFileSync(holderFile, "utf8");
  } catch {
    return "a server that has not said its name yet";
  }
}

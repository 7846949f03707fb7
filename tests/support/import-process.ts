/** Owns an import as a process of its own: `bun import-process.ts DATABASE FILE.ssim [--start DATE]`, which a test may kill. */

import { assert } from "../../actors/assert.ts";
import { openSqlite } from "../../db/open.ts";
import { runImport } from "../../db/ssim/import.ts";
import { systemClock } from "../../db/system-clock.ts";

const [database, ...args] = process.argv.slice(2);
assert(database !== undefined, "the first argument is the database");
process.exit(
  await runImport(args, {
    openDatabase: () => openSqlite(database),
    clock: systemClock(),
    out: (line) => process.stdout.write(`${line}\n`),
    err: (line) => process.stderr.write(`${line}\n`),
  }),
);

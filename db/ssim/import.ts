/** Owns the command `import FILE.ssim [--start DATE]`: a whole file is checked, and all its flights are published or none. */

import { readFile, stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { AssertionFailure } from "../../actors/assert.ts";
import type { Clock } from "../../actors/clock.ts";
import { loadAirports } from "../catalogue/airports.ts";
import type { OpenDatabase } from "../open.ts";
import { FlightPublisher } from "../stores/flight-publisher.ts";
import { dayOfIso } from "./calendar.ts";
import { Departures, departedLines, problemLines, summaryLines, unnamedLines } from "./import-report.ts";
import { FILE_BYTES_MAX, readSsim } from "./read.ts";
import { flightsOf, type Schedule, shiftToStart } from "./schedule.ts";

/** What the command needs of the program around it. */
export interface ImportSurroundings {
  /** Opens the database, and makes it where there is none. Called once a file has been found good. */
  readonly openDatabase: () => Promise<OpenDatabase>;
  readonly clock: Clock;
  /** Takes a line of the result. */
  readonly out: (line: string) => void;
  /** Takes a line on what is wrong, or on how far it is. */
  readonly err: (line: string) => void;
}

/** Exit codes: a good import, a bad file or database, a bad command line. */
const OK = 0;
const FAILED = 1;
const MISUSED = 2;

const USAGE = "usage: bun main.ts import FILE.ssim [--start 20YY-MM-DD]";

const MEGABYTE = 1_000_000;

/** Reading takes about a second for so much. */
const LARGE_FILE_BYTES = 16 * MEGABYTE;

const PROGRESS_EVERY_MS = 1_000;

/**
 * Runs the command beside a running server, or without one.
 *
 * @param args what stands after `import` on the command line
 * @returns the exit code: 0 when the file was taken, 1 when nothing of it was, 2 when the command line is wrong
 */
export async function runImport(args: readonly string[], surroundings: ImportSurroundings): Promise<number> {
  const { err } = surroundings;
  const order = readArguments(args);
  if (typeof order === "string") {
    err(order);
    err(USAGE);
    return MISUSED;
  }
  const bytes = await readBytes(order.file, err);
  if (typeof bytes === "string") {
    err(bytes);
    return MISUSED;
  }
  const reading = readSsim(bytes);
  if (!reading.ok) {
    for (const line of problemLines(order.file, reading)) err(line);
    return FAILED;
  }
  try {
    await takeSchedule(order, reading.schedule, surroundings);
    return OK;
  } catch (cause) {
    if (cause instanceof AssertionFailure) throw cause;
    err(`${order.file}: the database failed: ${cause instanceof Error ? cause.message : String(cause)}`);
    err("Import it again when the database is well: flights that are there already stay as they are.");
    return FAILED;
  }
}

interface Order {
  readonly file: string;
  /** The day on or after which the season begins, or null to leave it where it is. */
  readonly startDay: number | null;
}

/** What the command line asks for, or what is wrong with it. */
function readArguments(args: readonly string[]): Order | string {
  let parsed: { values: { start?: string | undefined }; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options: { start: { type: "string" } }, allowPositionals: true });
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
  const [file, ...others] = parsed.positionals;
  if (file === undefined) return "import: which file?";
  if (others.length > 0) return `import: one file at a time: ${others.join(" ")}`;
  const { start } = parsed.values;
  if (start === undefined) return { file, startDay: null };
  // The years of a schedule file are of this century, too.
  const startDay = start.startsWith("20") ? dayOfIso(start) : null;
  return startDay === null ? `import: --start is a date, 20YY-MM-DD: ${start}` : { file, startDay };
}

/** The content of the file, or why there is none. */
async function readBytes(file: string, err: ImportSurroundings["err"]): Promise<Uint8Array | string> {
  try {
    const about = await stat(file);
    if (!about.isFile()) return `${file}: not a file`;
    if (about.size > FILE_BYTES_MAX) return `${file}: larger than ${FILE_BYTES_MAX / MEGABYTE} MB`;
    if (about.size > LARGE_FILE_BYTES) err(`${file}: reading ${Math.round(about.size / MEGABYTE)} MB`);
    return await readFile(file);
  } catch (cause) {
    return `${file}: can't be read: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

async function takeSchedule(order: Order, schedule: Schedule, surroundings: ImportSurroundings): Promise<void> {
  const { openDatabase, clock, out } = surroundings;
  const airports = await loadAirports();
  const shiftDays = order.startDay === null ? 0 : shiftToStart(schedule, order.startDay);
  const departures = new Departures();
  const database = await openDatabase();
  try {
    const flights = departures.watch(flightsOf(schedule, airports, shiftDays));
    const tell = progress(order.file, schedule.flights, surroundings);
    const published = await new FlightPublisher(database.write, database.dialect).publish(flights, tell);
    const lines = [
      ...summaryLines(order.file, schedule, { shiftDays, departures, published }),
      ...unnamedLines(schedule, airports),
      ...departedLines(departures, clock.nowMs()),
    ];
    for (const line of lines) out(line);
  } finally {
    await database.close();
  }
}

/** Speaks once a second, so that a short import says nothing. */
function progress(file: string, total: number, { clock, err }: ImportSurroundings): (count: number) => void {
  let nextMs = clock.monotonicMs() + PROGRESS_EVERY_MS;
  return (count) => {
    if (clock.monotonicMs() < nextMs) return;
    nextMs = clock.monotonicMs() + PROGRESS_EVERY_MS;
    err(count < total ? `${file}: ${count} of ${total} flights staged` : `${file}: publishing ${total} flights`);
  };
}

/** Owns small timetables for the process tests: SSIM files whose flights leave some days from now, and their ids. */

import { writeFileSync } from "node:fs";
import { carrier, fileOf, leg } from "../db/ssim/writer.ts";
import type { GivenProgram } from "../support/given-program.ts";

const DAY_MS = 86_400_000;
const DAYS_AHEAD = 20;

export interface Timetable {
  readonly bytes: Uint8Array;
  readonly flightIds: readonly string[];
}

/** One flight for each number, all on the same day, with that many seats in one cabin. */
export function timetable(numbers: readonly number[], seats = 60): Timetable {
  const date = new Date(Date.now() + DAYS_AHEAD * DAY_MS);
  const iso = date.toISOString().slice(0, 10);
  const day = ssimDate(date);
  const legs = numbers.map((number) =>
    leg({ number: String(number), from: day, to: day, days: weekday(date), configuration: `Y${seats}VV${seats}` }),
  );
  const bytes = fileOf(legs, carrier({ from: day, to: day }));
  return { bytes, flightIds: numbers.map((number) => `XX-${number}-${iso}-RUN`) };
}

/** Flight numbers 1 to `most`. */
export function numbersTo(most: number): number[] {
  return Array.from({ length: most }, (_, at) => at + 1);
}

/** Puts these flights into the empty catalogue, so that a start makes no demo timetable. Gives their ids. */
export async function importFlights(
  given: Pick<GivenProgram, "folder" | "run">,
  numbers: readonly number[],
  seats?: number,
): Promise<readonly string[]> {
  const { bytes, flightIds } = timetable(numbers, seats);
  const file = `${given.folder}/timetable.ssim`;
  writeFileSync(file, bytes);
  const { exitCode, err } = await given.run(["import", file]);
  if (exitCode !== 0) throw new Error(`import: ${exitCode} ${err}`);
  return flightIds;
}

/** `03DEC26` */
function ssimDate(date: Date): string {
  const month = date.toLocaleString("en", { month: "short", timeZone: "UTC" }).toUpperCase();
  return `${String(date.getUTCDate()).padStart(2, "0")}${month}${String(date.getUTCFullYear()).slice(2)}`;
}

/** The days of operation, Monday first, with that of the date alone. */
function weekday(date: Date): string {
  const day = ((date.getUTCDay() + 6) % 7) + 1;
  return String(day).padStart(day).padEnd(7);
}

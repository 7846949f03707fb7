/** Owns the files of a report: JSON with everything, CSV for spreadsheets, and one page for people. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CSV_FILES, csvFiles } from "./csv.ts";
import type { Report } from "./model.ts";
import { pageOf } from "./page.ts";

/** Their paths. The folder is made when it is missing; tables of a former run, of parts that this one has not, are gone. */
export function writeReport(report: Report, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  for (const name of CSV_FILES) rmSync(join(folder, name), { force: true });
  const files: Record<string, string> = {
    "report.json": `${JSON.stringify(report, null, 1)}\n`,
    "report.html": pageOf(report),
    ...csvFiles(report),
  };
  return Object.entries(files).map(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  });
}

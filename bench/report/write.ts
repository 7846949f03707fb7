/** Owns the files of a report: JSON with everything, CSV for spreadsheets, and one page for people. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { csvFiles } from "./csv.ts";
import type { Report } from "./model.ts";
import { pageOf } from "./page.ts";

/** Their paths. The folder is made when it is missing. */
export function writeReport(report: Report, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
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

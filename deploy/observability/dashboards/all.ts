/** Owns which dashboards there are, and the files that Grafana reads: `bun deploy/observability/dashboards/all.ts` writes them. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Dashboard, grafanaJson } from "../grafana/dashboard.ts";
import { bottleneck } from "./bottleneck.ts";
import { loadRun } from "./load-run.ts";
import { sale } from "./sale.ts";
import { system } from "./system.ts";

export const DASHBOARDS: readonly Dashboard[] = [sale, bottleneck, system, loadRun];

/** Where Grafana reads them; the files are made of the code beside, and a test compares. */
export const FOLDER = join(import.meta.dir, "../grafana/json");

export function fileOf({ uid }: Dashboard): string {
  return join(FOLDER, `${uid}.json`);
}

if (import.meta.main) {
  mkdirSync(FOLDER, { recursive: true });
  for (const each of DASHBOARDS) writeFileSync(fileOf(each), grafanaJson(each));
}

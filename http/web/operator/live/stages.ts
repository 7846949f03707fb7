/** Owns how stages are told apart: by colour, and by the dashes of their lines. */

import type { StageName } from "../../../admin/stage-view.ts";
import type { ChartSeries } from "../parts/chart.tsx";
import { stageName } from "../words.ts";

export const STAGE_ORDER: readonly StageName[] = ["edge", "bus", "mailbox", "decide", "commit", "database"];

const LOOKS: Readonly<Record<StageName, Omit<ChartSeries, "label">>> = {
  edge: { colour: "--stage-edge" },
  bus: { colour: "--stage-bus", dash: [8, 4] },
  mailbox: { colour: "--stage-mailbox", dash: [2, 3] },
  decide: { colour: "--stage-decide", dash: [12, 3, 2, 3] },
  commit: { colour: "--stage-commit", dash: [5, 3] },
  database: { colour: "--stage-database" },
};

export function seriesOf(stage: StageName): ChartSeries {
  return { label: stageName(stage), ...LOOKS[stage] };
}

/** Owns the dashboard of load runs: two of them side by side, by what they say of themselves in `X-Load-Run`. */

import type { Dashboard, Panel, Row } from "../grafana/dashboard.ts";
import { perSecond, quantile } from "../grafana/queries.ts";

const SECONDS = "pigonair_load_run_seconds";
const REQUESTS = "pigonair_load_run_requests_total";

/** The whole of what the reader looks at, so that two runs compare although one came after the other. */
const WHOLE = "$__range";

const RUNS = ["run_a", "run_b"] as const;

type Run = (typeof RUNS)[number];

function bothOf(title: string, panelOf: (run: Run, labels: string) => Omit<Panel, "title">): Row {
  const panels = RUNS.map((run) => ({ title: `${title}: $${run}`, ...panelOf(run, `run="$${run}"`) }));
  return { title, panels };
}

export const loadRun: Dashboard = {
  uid: "pigonair-load-run",
  title: "PigonAir: load run",
  description:
    "Two load runs side by side, each named by the X-Load-Run of its requests. The numbers are of the whole time that is shown.",
  choices: [
    { name: "run_a", label: "Run", values: `label_values(${REQUESTS}, run)` },
    { name: "run_b", label: "beside", values: `label_values(${REQUESTS}, run)` },
  ],
  rows: [
    bothOf("Requests", (_run, labels) => ({
      kind: "number",
      description: "By outcome: ok is 2xx and 3xx, refused 4xx, failed 5xx.",
      unit: "short",
      queries: [{ expr: `sum by (outcome) (increase(${REQUESTS}{${labels}}[${WHOLE}]))`, legend: "{{outcome}}" }],
    })),
    bothOf("How long they took", (_run, labels) => ({
      kind: "number",
      description: "Half of them, nine of ten, and all but one of a hundred were faster.",
      unit: "s",
      queries: [0.5, 0.9, 0.99].map((share) => ({
        expr: quantile(share, SECONDS, "", labels, WHOLE),
        legend: `${share * 100} %`,
      })),
    })),
    bothOf("Over the time", (_run, labels) => ({
      kind: "lines",
      description: "Requests a second, by outcome.",
      unit: "reqps",
      queries: [{ expr: perSecond(REQUESTS, "outcome", labels), legend: "{{outcome}}" }],
    })),
    bothOf("Times over the time", (_run, labels) => ({
      kind: "lines",
      description: "At the edges.",
      unit: "s",
      queries: [
        { expr: quantile(0.5, SECONDS, "", labels), legend: "50 %" },
        { expr: quantile(0.99, SECONDS, "", labels), legend: "99 %" },
      ],
    })),
    {
      title: "What limited meanwhile",
      panels: [
        {
          kind: "lines",
          title: "How full each stage was",
          description: "The fullest process of each.",
          unit: "percentunit",
          max: 1,
          queries: [{ expr: "max by (stage) (pigonair_stage_saturation)", legend: "{{stage}}" }],
        },
        {
          kind: "lines",
          title: "What limited",
          description: "1 while a stage limited the whole.",
          unit: "none",
          max: 1,
          queries: [{ expr: "max by (stage) (pigonair_stage_limiting)", legend: "{{stage}}" }],
        },
      ],
    },
  ],
};

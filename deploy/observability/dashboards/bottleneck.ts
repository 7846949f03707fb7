/** Owns the dashboard that says which part limits the whole: the stages of a request, how full each is, and what is gone. */

import type { Dashboard } from "../grafana/dashboard.ts";
import { mean, perSecond, perSecondOrNone, quantile } from "../grafana/queries.ts";

const STAGES = "pigonair_stage_seconds";

export const bottleneck: Dashboard = {
  uid: "pigonair-bottleneck",
  title: "PigonAir: bottleneck",
  description: "Which stage limits the system now, or which part is gone; the way of a request, stage by stage.",
  rows: [
    {
      title: "Now",
      panels: [
        {
          kind: "state",
          title: "What the processes reach",
          description: "Database, NATS, Redis: gone when one process that uses it does not reach it.",
          unit: "none",
          queries: [{ expr: "min by (dependency) (pigonair_dependency_up)", legend: "{{dependency}}" }],
        },
        {
          kind: "flag",
          title: "What limits",
          description: "The stage that is so full that the whole goes no faster. None: there is room everywhere.",
          unit: "none",
          queries: [{ expr: "max by (stage) (pigonair_stage_limiting)", legend: "{{stage}}" }],
        },
      ],
    },
    {
      title: "Stages",
      panels: [
        {
          kind: "lines",
          title: "How full each stage is",
          description:
            "The fullest process of each: an edge's thread, its line to NATS, a flight's mailbox, a host's thread, and the lane that commits. " +
            "What comes near 100 % limits the rest.",
          unit: "percentunit",
          max: 1,
          queries: [{ expr: "max by (stage) (pigonair_stage_saturation)", legend: "{{stage}}" }],
        },
        {
          kind: "stack",
          title: "Where the time of a request goes",
          description: "The mean of each stage; together they are the request.",
          unit: "s",
          queries: [{ expr: mean(STAGES, "stage"), legend: "{{stage}}" }],
        },
        {
          kind: "lines",
          title: "The slowest of a hundred",
          description: "In each stage.",
          unit: "s",
          queries: [{ expr: quantile(0.99, STAGES, "stage"), legend: "{{stage}}" }],
        },
      ],
    },
    {
      title: "Edges and the bus",
      panels: [
        {
          kind: "lines",
          title: "Requests",
          description: "A second, by status.",
          unit: "reqps",
          queries: [
            { expr: perSecond("pigonair_http_request_duration_seconds_count", "status"), legend: "{{status}}" },
          ],
        },
        {
          kind: "lines",
          title: "Threads",
          description: "How busy the one thread of each process is that decides everything there.",
          unit: "percentunit",
          max: 1,
          queries: [{ expr: perSecond("pigonair_thread_busy_seconds_total", "instance"), legend: "{{instance}}" }],
        },
        {
          kind: "lines",
          title: "Commands to flights",
          description: "Sent again means that a flight did not answer in time, or has moved.",
          unit: "ops",
          queries: [
            { expr: perSecond("pigonair_flight_attempts_total"), legend: "sent, repeats included" },
            { expr: perSecond("pigonair_flight_outcomes_total"), legend: "answered" },
          ],
        },
        {
          kind: "lines",
          title: "Problems",
          description: "Answers that say no, a second, by code.",
          unit: "reqps",
          queries: [{ expr: perSecond("pigonair_http_problems_total", "code"), legend: "{{code}}" }],
        },
      ],
    },
    {
      title: "Flights and commits",
      panels: [
        {
          kind: "lines",
          title: "Mailboxes",
          description: "Commands that wait, and how full the fullest mailbox is in percent.",
          unit: "short",
          queries: [
            { expr: "sum by (instance) (pigonair_mailbox_commands)", legend: "{{instance}} waiting" },
            { expr: "100 * max by (instance) (pigonair_mailbox_fullest_ratio)", legend: "{{instance}} fullest, %" },
          ],
        },
        {
          kind: "lines",
          title: "Batches",
          description:
            "Commands and flights in one transaction, on average: they grow with the load, and that is as it should be.",
          unit: "short",
          queries: [
            { expr: mean("pigonair_batch_commands"), legend: "commands" },
            { expr: mean("pigonair_batch_flights"), legend: "flights" },
          ],
        },
        {
          kind: "lines",
          title: "A commit takes",
          description: "One try of one batch, from sending it to the database's answer.",
          unit: "s",
          queries: [
            { expr: quantile(0.5, "pigonair_commit_seconds"), legend: "50 %" },
            { expr: quantile(0.99, "pigonair_commit_seconds"), legend: "99 %" },
          ],
        },
        {
          kind: "lines",
          title: "Commits",
          description:
            "A second, by outcome. Passing ones are sent again; unknown ones are looked for; violated ones are our defect.",
          unit: "ops",
          queries: [
            { expr: perSecond("pigonair_commit_seconds_count", "outcome"), legend: "{{outcome}}" },
            { expr: perSecondOrNone("pigonair_commit_seconds_count", 'outcome="violated"'), legend: "violated" },
          ],
        },
      ],
    },
  ],
};

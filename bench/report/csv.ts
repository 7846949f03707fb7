/** Owns the tables of a report as CSV (RFC 4180), one file for each kind of row. */
import type { Quantiles } from "../load/result.ts";
import { loneOf } from "./lone.ts";
import type { Report } from "./model.ts";

export const CSV_FILES = [
  ...(["targets.csv", "processes.csv", "comparison.csv", "pools.csv", "shares.csv", "lone-request.csv"] as const),
  ...(["open-loop.csv", "funnel.csv", "techniques.csv"] as const),
] as const;

type Cellular = string | number | boolean | null;

/** By file name; a part that was not run has no file. */
export function csvFiles(report: Report): Record<string, string> {
  const { comparison, shares, ladders, funnel, techniques, targets, resources } = report;
  const tables: Partial<Record<(typeof CSV_FILES)[number], Cellular[][]>> = {
    "targets.csv": [
      ["what", "at_least", "measured", "against", "reached"],
      ...targets.map(({ what, atLeast, measured, against, isReached }) => [
        what,
        atLeast,
        measured,
        against,
        isReached,
      ]),
    ],
    "processes.csv": [
      ["second", "process", "cores", "memory_mib"],
      ...resources.processes.flatMap(({ name, cores, memoryMiB }) =>
        resources.atS.map((second, at) => [second, name, cores[at] ?? null, memoryMiB[at] ?? null]),
      ),
    ],
  };
  if (comparison !== null) {
    tables["comparison.csv"] = [
      [
        "cell",
        "contestant",
        "round",
        "connections",
        "answers_per_second",
        "durable_holds_per_second",
        "acknowledged",
        "confirmed",
        ...LATENCIES,
      ],
      ...comparison.results.flatMap(({ cell, contestant, rounds }) =>
        rounds.map(({ connections, load, durablePerSecond, proof }, round) => [
          ...[
            cell,
            contestant,
            round + 1,
            connections,
            load.ratePerSecond,
            durablePerSecond,
            proof.acknowledged,
            proof.confirmed,
          ],
          ...latencies(load),
        ]),
      ),
    ];
    tables["pools.csv"] = [
      ["peer", "pool", "holds_per_second", "chosen"],
      ...comparison.tunings.flatMap(({ peer, pool, tried }) =>
        tried.map((each) => [peer, each.pool, each.holdsPerSecond, each.pool === pool]),
      ),
    ];
  }
  if (shares !== null) {
    tables["shares.csv"] = [
      ["contender", "connections", "round", "per_second", "acknowledged", "confirmed", "p50_ms", "p99_ms"],
      ...shares.rows.flatMap(({ contender, connections, rounds }) =>
        rounds.map(({ perSecond, acknowledged, confirmed, p50Ms, p99Ms }, round) => [
          ...[contender, connections, round + 1, perSecond, acknowledged, confirmed, p50Ms, p99Ms],
        ]),
      ),
    ];
    tables["lone-request.csv"] = [
      ["hop", "stage", "mean_ms"],
      ...(loneOf(shares)?.hops ?? []).map(({ hop, stage, meanMs }) => [hop, stage, meanMs]),
    ];
  }
  if (ladders.length > 0) {
    tables["open-loop.csv"] = [
      [
        "profile",
        "share_of_peak",
        "asked_per_second",
        "answered_per_second",
        "not_sent",
        "acknowledged",
        "confirmed",
        ...LATENCIES,
      ],
      ...ladders.flatMap(({ name, steps }) =>
        steps.map(({ share, offeredPerSecond, measure: { load, proof } }) => [
          ...[name, share, offeredPerSecond, load.ratePerSecond, load.notSent, proof.acknowledged, proof.confirmed],
          ...latencies(load),
        ]),
      ),
    ];
  }
  if (funnel !== null) {
    tables["funnel.csv"] = [
      ["people_per_second", "step", "ok", ...LATENCIES],
      ...funnel.flatMap(({ peoplePerSecond, result }) =>
        result.steps.map(({ step, ok, latency }) => [peoplePerSecond, step, ok, ...latencies(latency)]),
      ),
    ];
  }
  if (techniques !== null) {
    tables["techniques.csv"] = [
      [
        "technique",
        "load",
        "connections",
        "how_left_out",
        "with_per_second",
        "without_per_second",
        "gain",
        "with_p99_ms",
        "without_p99_ms",
      ],
      ...techniques.map(({ name, load, connections, how, on, off, gain }) => [
        name,
        load,
        connections,
        how,
        on.perSecond,
        off.perSecond,
        gain,
        on.p99Ms,
        off.p99Ms,
      ]),
    ];
  }
  return Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, csvOf(rows)]));
}

const LATENCIES = ["p50_ms", "p90_ms", "p99_ms", "p99_9_ms", "max_ms"];

function latencies({ p50Ms, p90Ms, p99Ms, p999Ms, maxMs }: Omit<Quantiles, "count">): number[] {
  return [p50Ms, p90Ms, p99Ms, p999Ms, maxMs];
}

export function csvOf(rows: readonly (readonly Cellular[])[]): string {
  return rows.map((row) => `${row.map(cellOf).join(",")}\r\n`).join("");
}

function cellOf(value: Cellular): string {
  if (value === null) return "";
  if (typeof value === "number") return String(Math.round(value * 1_000) / 1_000);
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

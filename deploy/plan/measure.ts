/** Owns how costs are measured anew: read from what the benches print, or from the metrics of running processes over a while. */

import type { CpuPart, MeasuredKind } from "./costs.ts";

/** The rows of benches that print what a request took of each process, by the words that they begin with. */
const ROWS: readonly (readonly [begins: RegExp, kind: MeasuredKind])[] = [
  [/^holds, \d+ flights {2}/, "hold"],
  [/^refusals, one flight/, "refusal"],
  [/^joins through HTTP/, "join"],
  [/^the room's status/, "status"],
];

/** What a bench calls its processes. */
const PROCESSES: readonly (readonly [name: RegExp, part: CpuPart])[] = [
  [/^edge(?:-\d+)?$/, "edge"],
  [/^actors-\d+$/, "actors"],
  [/^nats$/, "nats"],
  [/^mariadb$/, "database"],
  [/^redis$/, "redis"],
];

export interface Measured {
  readonly kinds: Partial<Record<MeasuredKind, Partial<Record<CpuPart, number>>>>;
  readonly commit: { readonly fixedMs: number; readonly perCommandMs: number } | null;
}

/** The last row of each kind counts, and of commits the smallest batch and the largest. */
export function costsInBench(text: string): Measured {
  const kinds: Measured["kinds"] = {};
  const batches: { readonly commands: number; readonly ms: number }[] = [];
  for (const line of text.split("\n")) {
    const kind = ROWS.find(([begins]) => begins.test(line))?.[1];
    const figures = /CPU µs: ([^{]*)/.exec(line)?.[1];
    if (kind !== undefined && figures !== undefined) kinds[kind] = cpuIn(figures);
    const [, commands, p50Ms] = /^MySQL (\d+) holds a batch .*"p50Ms":([\d.]+)/.exec(line) ?? [];
    if (commands !== undefined) batches.push({ commands: Number(commands), ms: Number(p50Ms) });
  }
  batches.sort((a, b) => a.commands - b.commands);
  const [least, most] = [batches[0], batches.at(-1)];
  if (least === undefined || most === undefined || least.commands === most.commands) return { kinds, commit: null };
  const perCommandMs = Math.max(0, (most.ms - least.ms) / (most.commands - least.commands));
  return {
    kinds,
    commit: { fixedMs: rounded(least.ms - least.commands * perCommandMs), perCommandMs: rounded(perCommandMs) },
  };
}

function cpuIn(figures: string): Partial<Record<CpuPart, number>> {
  const cpu: Partial<Record<CpuPart, number>> = {};
  for (const [, name = "", us] of figures.matchAll(/([\w-]+) ([\d.]+)/g)) {
    const part = PROCESSES.find(([each]) => each.test(name))?.[1];
    if (part !== undefined) cpu[part] = rounded((cpu[part] ?? 0) + Number(us));
  }
  return cpu;
}

/** What a process has done since its start, by its `/metrics`. */
export interface Scraped {
  readonly cpuS: number;
  /** Requests of an edge, commands of a host of flights. */
  readonly done: number;
}

const DONE: Readonly<Record<"edge" | "actors", RegExp>> = {
  edge: /^pigonair_http_request_duration_seconds_count(?:\{[^}]*\})? ([\d.e+]+)/gm,
  actors: /^pigonair_batch_commands_sum(?:\{[^}]*\})? ([\d.e+]+)/gm,
};

export function readMetrics(text: string, role: "edge" | "actors"): Scraped {
  const sum = (form: RegExp): number =>
    Array.from(text.matchAll(form)).reduce((all, [, value]) => all + Number(value), 0);
  return { cpuS: sum(/^process_cpu_seconds_total (?:\{[^}]*\} )?([\d.e+-]+)/gm), done: sum(DONE[role]) };
}

/** Linux counts a process's time in hundredths of a second (proc_pid_stat(5)). */
const TICKS_A_SECOND = 100;

/** @param stat the text of `/proc/PID/stat`, in which the name may hold anything and ends with the last bracket */
export function cpuInStat(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** Microseconds of CPU for each request or command between two looks. @throws Error when there was none */
export function costBetween(before: Scraped, after: Scraped): number {
  const done = after.done - before.done;
  if (done <= 0) throw new Error("nothing was asked for meanwhile: measure while a load runs");
  return rounded(((after.cpuS - before.cpuS) * 1e6) / done);
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** Owns what a request costs: figures that were measured, each with where it comes from, and the kinds of request that are taken to cost the same. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Parts whose CPU a request takes, in microseconds. */
export const CPU_PARTS = ["edge", "nats", "actors", "database", "redis"] as const;
export type CpuPart = (typeof CPU_PARTS)[number];

export const MEASURED_KINDS = ["hold", "refusal", "join", "status"] as const;
export type MeasuredKind = (typeof MEASURED_KINDS)[number];

export type CpuUs = Readonly<Record<CpuPart, number>>;

export interface Costs {
  readonly hardware: string;
  readonly measured: string;
  readonly kinds: Readonly<Record<MeasuredKind, CpuUs & { readonly from: string }>>;
  /** A core for so long, off the edge's loop. */
  readonly passwordHash: { readonly ms: number; readonly from: string };
  /** How long a batch of n commands is on its way: `fixedMs + n · perCommandMs`. */
  readonly commit: { readonly fixedMs: number; readonly perCommandMs: number; readonly from: string };
  /** Memory of an edge. */
  readonly stream: { readonly bytes: number; readonly from: string };
}

export const COSTS_FILE = join(import.meta.dir, "costs.json");

export function loadCosts(file: string = COSTS_FILE): Costs {
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`${file} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  return readCosts(given, file);
}

/** @throws Error that names the field */
export function readCosts(given: unknown, file: string): Costs {
  const member = (of: unknown, name: string): unknown =>
    typeof of === "object" && of !== null ? (of as Record<string, unknown>)[name] : undefined;
  const number = (of: unknown, path: string, initial?: number): number => {
    const value = member(of, path.split(".").at(-1) ?? "") ?? initial;
    if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
    throw new Error(`${file}: ${path} must be a number from 0`);
  };
  const words = (of: unknown, path: string): string => {
    const value = member(of, path.split(".").at(-1) ?? "");
    if (typeof value === "string" && value !== "") return value;
    throw new Error(`${file}: ${path} is missing: a figure without its source is none`);
  };
  const kindOf = (kind: MeasuredKind) => {
    const of = member(member(given, "kinds"), kind);
    const at = `kinds.${kind}`;
    const part = (name: CpuPart): number => number(of, `${at}.${name}`, 0);
    const cpu = { edge: part("edge"), nats: part("nats"), actors: part("actors"), database: part("database") };
    if (cpu.edge === 0) throw new Error(`${file}: ${at}.edge is missing: each request takes an edge's time`);
    return { ...cpu, redis: part("redis"), from: words(of, `${at}.from`) };
  };
  const [hash, commit, stream] = ["passwordHash", "commit", "stream"].map((name) => member(given, name));
  const fixedMs = number(commit, "commit.fixedMs");
  if (fixedMs === 0) throw new Error(`${file}: commit.fixedMs is missing: no disk flushes in no time`);
  return {
    hardware: words(given, "hardware"),
    measured: words(given, "measured"),
    kinds: { hold: kindOf("hold"), refusal: kindOf("refusal"), join: kindOf("join"), status: kindOf("status") },
    passwordHash: { ms: number(hash, "passwordHash.ms"), from: words(hash, "passwordHash.from") },
    commit: { fixedMs, perCommandMs: number(commit, "commit.perCommandMs"), from: words(commit, "commit.from") },
    stream: { bytes: number(stream, "stream.bytes"), from: words(stream, "stream.from") },
  };
}

/** Owns what `bun run bench` can be told, and what it answers to nonsense. */
import { parseArgs } from "node:util";
import { isPeerName, PEER_NAMES } from "./peers/peers.ts";
import { FULL, QUICK, type Scale } from "./scale.ts";

const MEANING = {
  compare: "one hot flight and 95 % refusals, beside each peer in turn",
  shares: "holds and refusals as shares of the edge alone, two hosts of flights beside one, a lone request",
  overload: "ten times too many",
  hot: "latency of one hot flight against rate",
  many: "the same of 64 flights",
  refused: "the same of 95 % refusals",
  sale: "a flash sale with a waiting room",
  funnel: "search, seat map, hold, payment, ticket",
  techniques: "each technique left out in turn",
} as const;
export type Part = keyof typeof MEANING;
export const PARTS: readonly Part[] = Object.keys(MEANING).filter(isPart);

export const HELP = `What PigonAir does on this machine, beside the designs with locks that it is to beat. MariaDB, NATS and Redis of its own are started,
and stopped at the end; nothing is left behind but the report.

  bun run bench [--report DIR] [--quick] [--only PARTS] [--peers NAMES] [--rounds N] [--seed N]

  --report   where report.json, report.html and CSV files are written (bench/out)
  --quick    seconds instead of minutes: shows that everything works, and nothing of how fast it is
  --only     parts, by commas (all)
  --peers    which peers are compared with, by commas (all; "none" for none): bun bench/peers/main.ts --help names them
  --rounds   how often each contestant is measured in turn (${FULL.rounds})
  --seed     of the schedules (1)

Parts:
${PARTS.map((part) => `  ${part.padEnd(11)}${MEANING[part]}`).join("\n")}

The exit code is 1 when anything failed: a hold that was acknowledged and is not in the database, a doctor that is not content, a number that is
missing. Ctrl-C stops everything.`;

export interface Options {
  readonly scale: Scale;
  readonly parts: ReadonlySet<Part>;
  /** Null: all. */
  readonly peers: readonly string[] | null;
  readonly reportDir: string;
  readonly seed: number;
}

export type Reading =
  | { readonly kind: "run"; readonly options: Options }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly why: string };

const NUMBER = /^\d{1,9}$/;

export function readOptions(args: readonly string[]): Reading {
  let values: ReturnType<typeof parsed>;
  try {
    values = parsed(args);
  } catch (cause) {
    return { kind: "wrong", why: cause instanceof Error ? cause.message : String(cause) };
  }
  if (values.help) return { kind: "help" };
  if (values.report === "") return { kind: "wrong", why: "--report must be a folder" };
  const given = values.quick ? QUICK : FULL;
  const { rounds = String(given.rounds), seed } = values;
  if (!NUMBER.test(rounds) || Number(rounds) < 1) return { kind: "wrong", why: "--rounds must be a number from 1" };
  if (!NUMBER.test(seed)) return { kind: "wrong", why: "--seed must be a number" };
  const only = names(values.only);
  const unknown = only.filter((name) => !isPart(name));
  if (unknown.length > 0) return { kind: "wrong", why: `--only knows ${PARTS.join(", ")}; not ${unknown.join(", ")}` };
  const peers = values.peers === undefined ? null : names(values.peers).filter((name) => name !== "none");
  const strangers = (peers ?? []).filter((name) => !isPeerName(name));
  if (strangers.length > 0)
    return { kind: "wrong", why: `--peers knows none, ${PEER_NAMES.join(", ")}; not ${strangers.join(", ")}` };
  return {
    kind: "run",
    options: {
      scale: { ...given, rounds: Number(rounds) },
      parts: new Set(only.length === 0 ? PARTS : only.filter(isPart)),
      peers,
      reportDir: values.report,
      seed: Number(seed),
    },
  };
}

function parsed(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      report: { type: "string", default: "bench/out" },
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      peers: { type: "string" },
      rounds: { type: "string" },
      seed: { type: "string", default: "1" },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}

function names(text: string | undefined): string[] {
  return (text ?? "").split(",").filter((name) => name !== "");
}

function isPart(name: string): name is Part {
  return Object.hasOwn(MEANING, name);
}
